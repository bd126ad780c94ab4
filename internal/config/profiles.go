package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"speedgate/gate"
	"speedgate/runner/alert"
	"speedgate/runner/plan"
)

var profileObject = object[Profile]{
	def: "profile",
	fields: []field[Profile]{
		{key: "kind", read: into(kindWord, func(p *Profile) *plan.Kind { return &p.Shape.Kind })},
		{key: "driver", required: true, read: into(driverWord, func(p *Profile) *Driver { return &p.Driver })},
		{key: "level", read: into(nameWord, func(p *Profile) *string { return &p.Level })},
		{key: "rate", read: into(rate, func(p *Profile) *float64 { return &p.Shape.Load })},
		{key: "users", read: into(users, func(p *Profile) *float64 { return &p.Shape.Load })},
		{key: "duration", read: into(duration, func(p *Profile) *time.Duration { return &p.Shape.Duration })},
		{key: "warmup", read: into(span, func(p *Profile) *time.Duration { return &p.Shape.Warmup })},
		{key: "stress", read: objectInto(stressObject, func(p *Profile) *plan.Steps { return &p.Shape.Stress })},
		{key: "spike", read: objectInto(spikeObject, func(p *Profile) *plan.Burst { return &p.Shape.Spike })},
		{key: "recovery", read: objectInto(recoveryObject, func(p *Profile) *plan.RecoveryRule { return &p.Recovery })},
		{key: "url", read: into(address, func(p *Profile) *string { return &p.HTTP.URL })},
		{key: "requests", read: listInto(readRequest, true, func(p *Profile) *[]Request { return &p.HTTP.Requests })},
		{key: "connections", read: into(whole, func(p *Profile) *int { return &p.HTTP.Connections })},
		{key: "timeout", read: into(duration, func(p *Profile) *time.Duration { return &p.Timeout })},
		{key: "locust", read: into(text, func(p *Profile) *string { return &p.Locust.Program })},
		{key: "locustfile", read: into(text, func(p *Profile) *string { return &p.Locust.File })},
		{key: "host", read: into(address, func(p *Profile) *string { return &p.Locust.Host })},
		{key: "spawn_rate", read: into(positive, func(p *Profile) *float64 { return &p.Locust.SpawnRate })},
		{key: "tags", read: listInto(into(nameWord, self[string]), true, func(p *Profile) *[]string { return &p.Locust.Tags })},
		{key: "processes", read: into(whole, func(p *Profile) *int { return &p.Locust.Processes })},
		{key: "workers", read: objectInto(workersObject, func(p *Profile) *Workers { return &p.Locust.Workers })},
		{key: "command", read: into(text, func(p *Profile) *string { return &p.Command.Line })},
		{key: "results", read: listInto(into(filePattern, self[FilePattern]), true, func(p *Profile) *[]FilePattern { return &p.Command.Results })},
		{key: "rerun", read: into(text, func(p *Profile) *string { return &p.Command.Rerun })},
		{key: "start", read: into(text, func(p *Profile) *string { return &p.Start })},
		{key: "ready", read: objectInto(readyObject, func(p *Profile) *Ready { return &p.Ready })},
		{key: "watch", read: readWatch},
		{key: "alerts", read: readAlerts},
		{key: "webhook", read: readWebhook},
		{key: "steps", read: objectInto(stepsObject, func(p *Profile) *Steps { return &p.Steps })},
	},
}

var (
	driverWord = oneOf("a driver", DriverHTTP, DriverLocust, DriverCommand)
	kindWord   = oneOf("a kind", plan.Kinds()...)
)

// driverKeys are the keys that only some drivers read.
var driverKeys = map[string][]Driver{
	"rate": {DriverHTTP}, "url": {DriverHTTP}, "requests": {DriverHTTP}, "connections": {DriverHTTP},
	"users": {DriverLocust, DriverCommand}, "warmup": {DriverHTTP, DriverLocust},
	"locust": {DriverLocust}, "locustfile": {DriverLocust}, "host": {DriverLocust}, "spawn_rate": {DriverLocust}, "tags": {DriverLocust},
	"processes": {DriverLocust}, "workers": {DriverLocust},
	"command": {DriverCommand}, "results": {DriverCommand}, "rerun": {DriverCommand},
	"timeout": {DriverHTTP, DriverCommand},
}

// kindKeys are the keys that only one kind reads.
var kindKeys = map[string]plan.Kind{"stress": plan.Stress, "spike": plan.Spike, "recovery": plan.Spike}

var stressObject = object[plan.Steps]{
	def: "stress",
	fields: []field[plan.Steps]{
		{key: "first", read: into(positive, func(s *plan.Steps) *float64 { return &s.First })},
		{key: "growth", read: into(positive, func(s *plan.Steps) *float64 { return &s.Growth })},
		{key: "steps", read: into(whole, func(s *plan.Steps) *int { return &s.Count })},
	},
}

var spikeObject = object[plan.Burst]{
	def: "spike",
	fields: []field[plan.Burst]{
		{key: "burst", read: into(positive, func(b *plan.Burst) *float64 { return &b.Times })},
		{key: "duration", read: into(duration, func(b *plan.Burst) *time.Duration { return &b.Duration })},
	},
}

var recoveryObject = object[plan.RecoveryRule]{
	def: "recovery",
	fields: []field[plan.RecoveryRule]{
		{key: "tolerance", read: into(percent, func(r *plan.RecoveryRule) *float64 { return &r.Tolerance })},
		{key: "errors", read: into(percentPoints, func(r *plan.RecoveryRule) *float64 { return &r.Errors })},
		{key: "hold", read: into(duration, func(r *plan.RecoveryRule) *time.Duration { return &r.Hold })},
	},
}

var requestObject = object[Request]{
	def: "request",
	fields: []field[Request]{
		{key: "name", read: into(text, func(r *Request) *string { return &r.Name })},
		{key: "method", read: into(oneOf("a method", methods...), func(r *Request) *string { return &r.Method })},
		{key: "path", required: true, read: into(requestPath, func(r *Request) *string { return &r.Path })},
		{key: "body", read: into(text, func(r *Request) *string { return &r.Body })},
		{key: "headers", read: readHeaders},
		{key: "weight", read: into(weight, func(r *Request) *int { return &r.Weight })},
	},
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

var workersObject = object[Workers]{
	def: "workers",
	fields: []field[Workers]{
		{key: "expect", required: true, read: into(whole, func(w *Workers) *int { return &w.Expect })},
		{key: "start", read: into(whole, func(w *Workers) *int { return &w.Start })},
		{key: "listen", read: into(listenAddress, func(w *Workers) *string { return &w.Listen })},
	},
}

var readyObject = object[Ready]{
	def: "ready",
	fields: []field[Ready]{
		{key: "url", required: true, read: into(address, func(r *Ready) *string { return &r.URL })},
		{key: "timeout", read: into(duration, func(r *Ready) *time.Duration { return &r.Timeout })},
	},
}

var watchObject = object[Watch]{
	def: "watch",
	fields: []field[Watch]{
		{key: "pid", read: into(whole, func(w *Watch) *int { return &w.PID })},
		{key: "command", read: into(text, func(w *Watch) *string { return &w.Command })},
		{key: "container", read: into(text, func(w *Watch) *string { return &w.Container })},
		{key: "name", read: into(nameWord, func(w *Watch) *string { return &w.Name })},
	},
}

var alertObject = object[alert.Rule]{
	def: "alert",
	fields: []field[alert.Rule]{
		{key: "metric", required: true, read: into(text, func(r *alert.Rule) *string { return &r.Metric })},
		{key: "above", read: limitOn(alert.Above)},
		{key: "below", read: limitOn(alert.Below)},
		{key: "for", read: into(span, func(r *alert.Rule) *time.Duration { return &r.For })},
		{key: "severity", read: into(severity, func(r *alert.Rule) *gate.Severity { return &r.Severity })},
		{key: "abort", read: into(boolean, func(r *alert.Rule) *bool { return &r.Abort })},
	},
}

var severity = oneOf("a severity", gate.SeverityWarning, gate.SeverityCritical)

var webhookObject = object[string]{
	def: "webhook",
	fields: []field[string]{
		{key: "env", required: true, read: into(variable, self[string])},
	},
}

var stepsObject = object[Steps]{
	def: "steps",
	fields: []field[Steps]{
		{key: "over", required: true, read: into(nameWord, func(s *Steps) *string { return &s.Over })},
		{key: "values", required: true, read: listInto(into(stepValue, self[string]), true, func(s *Steps) *[]string { return &s.Values })},
		{key: "grow", read: into(boolean, func(s *Steps) *bool { return &s.Grow })},
	},
}

func readRequest(d *decoder, n *node, r *Request) {
	*r = Request{Method: "GET", Weight: 1}
	requestObject.read(d, n, r)
}

func readHeaders(d *decoder, n *node, r *Request) {
	if n.kind != kindMapping {
		d.expected(n, "a mapping")
		return
	}
	for _, e := range n.entries {
		value, err := text(e.value)
		switch {
		case err != nil:
			d.errorf(e.value, "%s", err)
		case e.key == "" || strings.ContainsFunc(e.key, isNoHeaderName):
			d.report(e.pos, prefix(n.path), quote(e.key)+" is not the name of a header")
		case strings.ContainsAny(value, "\r\n\x00"):
			d.errorf(e.value, "expected one line, found a line break")
		}
		r.Header = append(r.Header, Header{e.key, value})
	}
}

// isNoHeaderName reports whether a character cannot stand in the name of a header.
func isNoHeaderName(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

func readWatch(d *decoder, n *node, p *Profile) {
	watchObject.read(d, n, &p.Watch)
	if n.kind != kindMapping {
		return
	}
	given := 0
	for _, key := range []string{"pid", "command", "container"} {
		if n.child(key) != nil {
			given++
		}
	}
	if given != 1 {
		d.errorf(n, "expected one of pid, command and container, found %d", given)
	}
}

// noAlerts is how a profile says that it has no alerts.
const noAlerts = "none"

func readAlerts(d *decoder, n *node, p *Profile) {
	p.Alerts = []alert.Rule{}
	switch {
	case n.kind == kindText && n.text == noAlerts:
	case n.kind != kindList:
		d.expected(n, "a list of rules, or none")
	case len(n.items) == 0:
		d.errorf(n, "expected at least one rule; write none for no alerts")
	default:
		listInto(readAlert, true, func(p *Profile) *[]alert.Rule { return &p.Alerts })(d, n, p)
	}
}

func readAlert(d *decoder, n *node, r *alert.Rule) {
	*r = alert.Rule{For: alert.DefaultFor, Severity: gate.SeverityCritical}
	before := len(d.errs)
	alertObject.read(d, n, r)
	if n.kind != kindMapping || len(d.errs) > before {
		return
	}
	if (n.child("above") == nil) == (n.child("below") == nil) {
		d.errorf(n, "expected a limit as either above or below")
		return
	}
	for _, problem := range r.Check() {
		key := problem.Key
		if key == "limit" || key == "side" {
			key = string(r.Side)
		}
		d.errorf(n.nearest([]string{key}), "%s", problem.Msg)
	}
}

// limitOn reads the limit of an alert on one side.
func limitOn(side alert.Side) reader[alert.Rule] {
	return func(d *decoder, n *node, r *alert.Rule) {
		q, err := quantity(n)
		if err != nil {
			d.errorf(n, "%s", err)
			return
		}
		r.Side, r.Limit = side, q
	}
}

func readWebhook(d *decoder, n *node, p *Profile) { webhookObject.read(d, n, &p.WebhookEnv) }

// rate reads requests a second: 200 or 200/s.
func rate(n *node) (float64, error) {
	q, err := quantity(n)
	if err != nil {
		return 0, err
	}
	v, ok := q.In("/s")
	switch {
	case !ok:
		return 0, fmt.Errorf("%s is not a rate; write for example 200/s", q)
	case v <= 0:
		return 0, fmt.Errorf("expected a rate above 0, found %s", n.text)
	}
	return v, nil
}

func users(n *node) (float64, error) {
	v, err := whole(n)
	return float64(v), err
}

// span reads a time of 0 or more.
func span(n *node) (time.Duration, error) {
	if n.kind == kindText && (n.text == "0s" || n.text == "0m") {
		return 0, nil
	}
	if n.kind == kindNumber && n.text == "0" {
		return 0, errors.New("0 has no unit; write 0s")
	}
	return duration(n)
}

// percentPoints reads a percentage that may be 0% and keeps it in percent.
func percentPoints(n *node) (float64, error) {
	if n.kind == kindText && n.text == "0%" {
		return 0, nil
	}
	v, err := percent(n)
	return v * 100, err
}

// address reads the address of a service. A {NAME} in it stands for a value of the
// profile's steps.
func address(n *node) (string, error) {
	s, err := text(n)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(capture.ReplaceAllString(s, "1"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New(quote(s) + " is not an address; write for example http://localhost:8000")
	}
	return s, nil
}

func requestPath(n *node) (string, error) {
	s, err := text(n)
	if err != nil {
		return "", err
	}
	if _, err := url.ParseRequestURI(s); err != nil || s[0] != '/' {
		return "", errors.New(quote(s) + " is not a path; write for example /products?page=2")
	}
	return s, nil
}

// listenAddress reads where workers of other machines connect to.
func listenAddress(n *node) (string, error) {
	s, err := text(n)
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(s)
	if err != nil || strings.Trim(port, "0123456789") != "" || port == "" {
		return "", errors.New(quote(s) + " is not HOST:PORT; write for example 10.0.0.5:5557")
	}
	return s, nil
}

// maxWeight bounds a weight: shares finer than a thousandth are noise.
const maxWeight = 1000

func weight(n *node) (int, error) {
	v, err := whole(n)
	if err == nil && v > maxWeight {
		return 0, fmt.Errorf("expected a weight from 1 to %d, found %s", maxWeight, n.text)
	}
	return v, err
}

// variable reads the name of a variable of the environment.
func variable(n *node) (string, error) {
	s, err := text(n)
	if err == nil && strings.ContainsAny(s, "=:/ $\x00") {
		return "", errors.New(quote(s) + " is not the name of a variable; the address itself is a secret and stays out of the file")
	}
	return s, err
}

// stepValue reads a value of a step, which goes into command lines: 4, 0.5 or 512MB.
func stepValue(n *node) (string, error) {
	if n.kind != kindNumber && n.kind != kindText {
		return "", typeError("a value such as 4 or 512MB", n)
	}
	if !validName(n.text) {
		return "", errors.New(badName(n.text))
	}
	return n.text, nil
}
