package fakegithub

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// page returns the part of a list that a request asks for, and the header with the
// way to the others. Pages have 30 items unless told, and at most 100, however many
// are asked for.
func page[T any](c *call, list []T) ([]T, http.Header) {
	size, number := c.number("per_page", 30), c.number("page", 1)
	size = min(max(size, 1), 100)
	number = max(number, 1)
	last := max((len(list)+size-1)/size, 1)
	from := min((number-1)*size, len(list))
	to := min(from+size, len(list))

	var links []string
	link := func(rel string, number int) {
		query := c.r.URL.Query()
		query.Set("page", strconv.Itoa(number))
		links = append(links, fmt.Sprintf(`<http://%s%s?%s>; rel="%s"`, c.r.Host, c.r.URL.EscapedPath(), query.Encode(), rel))
	}
	if number > 1 {
		link("prev", min(number-1, last))
	}
	if number < last {
		link("next", number+1)
		link("last", last)
	}
	if number > 1 {
		link("first", 1)
	}
	h := http.Header{}
	if len(links) > 0 {
		h.Set("Link", strings.Join(links, ", "))
	}
	return list[from:to], h
}

// number returns a number of the query, which the contract has checked.
func (c *call) number(name string, otherwise int) int {
	n, err := strconv.Atoi(c.r.URL.Query().Get(name))
	if err != nil {
		return otherwise
	}
	return n
}

// id returns a number of the path, 0 if it is none.
func (c *call) id(name string) int64 {
	n, _ := strconv.ParseInt(c.r.PathValue(name), 10, 64) // 0 names nothing
	return n
}

// objectsOf renders a list.
func objectsOf[T any](list []T, render func(T) object) []any {
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = render(v)
	}
	return all
}
