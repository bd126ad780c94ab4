package locust

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"speedgate/perf"
	"speedgate/runner/child"
	"speedgate/runner/monitor"
)

// workerEnd is how long workers may take to end after their master has told them to.
const workerEnd = 2 * time.Second

// masterEnd is how long a master may take to end after its workers.
const masterEnd = 5 * time.Second

// Streams are what a test is connected with.
type Streams struct {
	Environ        []string // variables, of which Locust gets those that are no secrets
	Stdout, Stderr io.Writer
	Tick           func(monitor.Tick) // gets the rows of the history; nil = nobody does
	Stage          func(index int)    // is told when a stage of the test begins; nil = nobody is
}

// Result is what a test left.
type Result struct {
	Files      Files
	Warnings   []perf.Warning // what makes the figures doubtful, as Locust says itself
	Overloaded []perf.Warning // as in [perf.Run]
}

// Run runs a test that [Test.Check] passes, and returns when all of Locust has ended.
// When ctx ends, so does the test, and what was measured until then is kept: the error
// wraps the cause, and the result holds the files beside it. So it does when Locust
// fails half-way; a test that could not begin leaves none.
func (p Program) Run(ctx context.Context, t Test, s Streams) (Result, error) {
	prefix, err := filepath.Abs(t.Prefix)
	if err != nil {
		return Result{}, err
	}
	t.Prefix = prefix
	if t.listens() {
		if err := child.PortFree(t.listen()); err != nil {
			return Result{}, fmt.Errorf("the master of locust cannot listen for workers: %w", err)
		}
	}
	files := filesOf(prefix)
	if err := files.clear(); err != nil {
		return Result{}, err
	}
	hooks, err := t.writeHooks()
	if err != nil {
		return Result{}, err
	}
	r := &run{program: p, test: t, streams: s, notes: newNotes(s.Stderr), limit: t.limit()}
	r.notes.stage = s.Stage
	err = errors.Join(r.all(ctx, hooks.files, files.History), hooks.remove())
	if _, ok := errors.AsType[*missingError](err); ok {
		return Result{}, errors.Join(err, files.clear()) // they hold nothing
	}
	result := Result{files.present(), r.notes.warnings(false), r.notes.warnings(true)}
	if err == nil && result.Files.Stats == "" {
		err = fmt.Errorf("locust ended and left no %s", files.Stats)
	}
	return result, err
}

// run is a test that runs.
type run struct {
	program Program
	test    Test
	streams Streams
	notes   *notes
	limit   time.Duration // after which it is taken to hang
}

// all runs the processes of a test, and tails its history meanwhile.
func (r *run) all(ctx context.Context, hooks []string, history string) error {
	hung := fmt.Errorf("it did not end within %s", r.limit)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ctx, cancel := context.WithTimeoutCause(ctx, r.limit, hung)
	defer cancel()
	master, err := r.start(ctx, r.test.args(r.program.Version, hooks), r.streams.Stdout)
	if err != nil {
		return fmt.Errorf("locust: %w", withTail(err))
	}
	// Workers end when their master does: those that end first send it nothing more.
	workers, endWorkers := context.WithCancel(context.WithoutCancel(ctx))
	defer endWorkers()
	var group sync.WaitGroup
	for i := range r.test.Workers {
		group.Go(func() { r.worker(workers, i+1, master, stop) })
	}
	tailing, endTail := context.WithCancel(context.WithoutCancel(ctx))
	defer endTail()
	group.Go(func() { r.follow(tailing, history) })
	err = master.Wait()
	endTail()
	timer := time.AfterFunc(workerEnd, endWorkers)
	group.Wait()
	timer.Stop()
	if connected, ok := r.notes.missing(); ok {
		return &missingError{connected, r.test.listen(), r.test.workerWait()}
	}
	if err != nil {
		return fmt.Errorf("locust: %w", withTail(err))
	}
	return nil
}

// missingError is of workers that did not come.
type missingError struct {
	connected string // such as 1 of 2
	listen    string
	wait      time.Duration
}

func (e *missingError) Error() string {
	_, port, _ := splitAddress(e.listen)
	return fmt.Sprintf("%s workers of locust connected to %s within %s; start the others on their machines with "+
		"locust --worker --locustfile FILE --master-host THIS-MACHINE --master-port %s", cmp.Or(e.connected, "none of the"), e.listen, e.wait, port)
}

// start starts a Locust.
func (r *run) start(ctx context.Context, args []string, stdout io.Writer) (*child.Process, error) {
	return child.Start(ctx, child.Command{
		Args: append([]string{r.program.Path}, args...), Dir: r.test.Dir, Environ: r.streams.Environ, Stdout: stdout, Stderr: r.notes,
		// Half of it is for what Locust does when it is asked to end.
		Grace: 2 * (r.test.stopTimeout() + workerEnd),
	})
}

// worker runs a worker. One that ends while the master goes on ends the test: the load
// would be less than what was asked for, and nobody would know.
func (r *run) worker(ctx context.Context, number int, master *child.Process, stop context.CancelCauseFunc) {
	p, err := r.start(ctx, r.test.worker(), nil)
	if err == nil {
		err = p.Wait()
	}
	// The master tells its workers to end and takes some time to end itself.
	select {
	case <-master.Done():
		return
	case <-time.After(r.test.stopTimeout() + masterEnd):
	}
	if err == nil {
		err = errors.New("exit status 0")
	}
	stop(fmt.Errorf("worker %d ended before the test did: %w", number, withTail(err)))
}

// follow hands on the rows of the history. What is wrong with them is found again when
// the files are read; that nobody could watch the test is for a warning.
func (r *run) follow(ctx context.Context, history string) {
	if r.streams.Tick == nil {
		return
	}
	if err := Tail(ctx, history, r.streams.Tick); err != nil {
		r.notes.add(note{text: "the test could not be watched while it ran: " + err.Error()})
	}
}
