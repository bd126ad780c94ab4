package load

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestHTTP2IsAChoice(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	for allowed, want := range map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"} {
		tr := newTransport(t.Context(), Plan{Targets: []Target{{}}, HTTP2: allowed}.withDefaults(), 0)
		tr.base.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		tr.base.TLSClientConfig.NextProtos = nil // what the server's own client asks for
		resp, err := (&http.Client{Transport: tr}).Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || string(got) != want {
			t.Errorf("with HTTP/2 %t: %s, %v; want %s", allowed, got, err, want)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if n := tr.busy.Load(); n != 0 {
			t.Errorf("%d requests are on their way when all have ended", n)
		}
		tr.base.CloseIdleConnections()
	}
}

// The client goes straight to the service: a proxy would be measured too.
func TestNoProxy(t *testing.T) {
	t.Parallel()
	if newTransport(t.Context(), Plan{}, 0).base.Proxy != nil {
		t.Error("there is a proxy")
	}
}
