package locust

import (
	"fmt"
	"strings"
	"testing"
)

// benchRows is more endpoints, and an hour of full history more rows, than a
// load test has by far.
const benchRows = 30_000

// BenchmarkParseStats reads rows in the order in which Locust writes them, by name
// and then by type; each fourth name has two of these.
func BenchmarkParseStats(b *testing.B) {
	var text strings.Builder
	text.WriteString("Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\n")
	row := func(typ, name string, requests int) {
		fmt.Fprintf(&text, "%s,%s,%d,5,110.0,679.8436656168%d,0.46695900164195336,26201.677167002345,4732.965732758621,81.88284570931117,3.064724325757983,110,160,190,200,240,280,7100,26000,26000,26000,26000\n", typ, name, requests, requests)
	}
	total := 0
	for i := range benchRows * 4 / 5 {
		name := fmt.Sprintf("/api/v1/items/%05d", i)
		row("GET", name, 1000+i)
		total += 1000 + i
		if i%4 == 0 {
			row("POST", name, 2000)
			total += 2000
		}
	}
	row("", aggregated, total)
	benchmark(b, formatStats, text.String())
}

func BenchmarkParseHistory(b *testing.B) {
	var text strings.Builder
	text.WriteString(historyHeader)
	for i := range benchRows {
		name := "GET,/api/v1/items"
		if i%5 == 4 {
			name = ",Aggregated"
		}
		fmt.Fprintf(&text, "%d,%d,%s,540.300000,74.100000,110,%d,%d,110.0,691.4282056074325,0.46695900164195336,26201.677167002345,7379.449210243322\n", 1725809836+i/5, min(i, 1000), name, i, i/10)
	}
	benchmark(b, formatHistory, text.String())
}

func benchmark(b *testing.B, format, text string) {
	parse := formatTable[format].parse
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(strings.NewReader(text), "f"); err != nil {
			b.Fatal(err)
		}
	}
}
