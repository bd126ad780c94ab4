package sticky

import (
	"context"
	"errors"
)

// Post is a comment that stands on a forge.
type Post struct {
	ID     int64
	URL    string
	Body   string
	Author string // login; "" if it cannot be the token's whatever it is called
}

// Thread is the conversation of one pull or merge request. Its errors say what was
// tried and what to do, without the token; they are passed on as they are.
type Thread interface {
	// Head returns the commit that the request proposes now.
	Head(ctx context.Context) (string, error)
	// Author returns the login of the token.
	Author(ctx context.Context) (string, error)
	// Find returns the oldest comment that matches, nil if none does.
	Find(ctx context.Context, matches func(Post) bool) (*Post, error)
	// Create writes a comment. An error may hide that it got through.
	Create(ctx context.Context, body string) (Post, error)
	Edit(ctx context.Context, id int64, body string) error
	// Delete removes a comment; one that is gone already is no error.
	Delete(ctx context.Context, id int64) error
}

// ErrTooLong is wrapped by the errors of a [Thread] when the forge refuses a body for
// its length.
var ErrTooLong = errors.New("the comment is too long")

// Keep creates or updates the one comment of a gate. A comment of a newer run is left
// alone, as is a request whose head is another commit by now.
func Keep(ctx context.Context, t Thread, c Comment) (Outcome, error) {
	if err := c.Check(); err != nil {
		return Outcome{}, err
	}
	head, err := t.Head(ctx)
	if err != nil {
		return Outcome{}, err
	}
	if c.Head != "" && head != c.Head {
		return Outcome{Action: "the head has moved on to " + head}, nil
	}
	k := keeper{t: t, c: &c, author: c.Author}
	if k.author == "" {
		if k.author, err = t.Author(ctx); err != nil {
			return Outcome{}, err
		}
	}
	own, err := k.find(ctx)
	switch {
	case err != nil:
		return Outcome{}, err
	case own == nil && !c.Create:
		return Outcome{Action: "nothing to say"}, nil
	case own == nil:
		return k.create(ctx)
	}
	return k.update(ctx, own)
}

// keeper keeps one comment.
type keeper struct {
	t      Thread
	c      *Comment
	author string // whose comments are the gate's
}

func (k *keeper) find(ctx context.Context) (*Post, error) {
	return k.t.Find(ctx, func(p Post) bool { return k.c.isOwn(p, k.author) })
}

// create writes a new comment. It is never sent twice blindly: whether it got through
// is seen by looking for the marker. When two jobs create at once, the older comment
// stays.
func (k *keeper) create(ctx context.Context) (Outcome, error) {
	var made Post
	err := k.inFull(func(body string) (err error) {
		made, err = k.t.Create(ctx, body)
		return err
	})
	if made.Author != "" && k.c.Author == "" {
		k.author = made.Author // a token that may not ask who it is learns it here
	}
	own, findErr := k.find(ctx)
	switch {
	case findErr == nil && own != nil && err == nil && own.ID != made.ID:
		if err := k.t.Delete(ctx, made.ID); err != nil {
			return Outcome{}, err
		}
		return k.update(ctx, own)
	case findErr == nil && own != nil && err != nil:
		// It got through all the same, or another job was faster.
		return k.settle(ctx, own)
	case err != nil:
		return Outcome{}, err
	}
	return Outcome{made.URL, "created"}, nil
}

// settle makes sure that a comment found after a failure to create it says what was
// to be said.
func (k *keeper) settle(ctx context.Context, own *Post) (Outcome, error) {
	out, err := k.update(ctx, own)
	if out.Action == "unchanged" {
		out.Action = "created"
	}
	return out, err
}

// update brings an existing comment up to date.
func (k *keeper) update(ctx context.Context, own *Post) (Outcome, error) {
	if why := k.c.upToDate(own.Body); why != "" {
		return Outcome{own.URL, why}, nil
	}
	err := k.inFull(func(body string) error { return k.t.Edit(ctx, own.ID, body) })
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{own.URL, "updated"}, nil
}

// inFull sends the body, or its short form if the forge refuses the body for its
// length.
func (k *keeper) inFull(send func(body string) error) error {
	err := send(k.c.marked(k.c.Body))
	if errors.Is(err, ErrTooLong) && k.c.Short != "" {
		return send(k.c.marked(k.c.Short))
	}
	return err
}
