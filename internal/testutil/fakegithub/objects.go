package fakegithub

import (
	"bytes"
	"crypto/sha1" // the hash of git
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// objects is the object store of a repository, by hash.
type objects struct {
	blobs   map[string][]byte
	trees   map[string][]entry
	commits map[string]*commit
}

func newObjects() objects {
	return objects{blobs: map[string][]byte{}, trees: map[string][]entry{}, commits: map[string]*commit{}}
}

// entry is a line of a tree.
type entry struct{ mode, name, sha string }

const (
	fileMode = "100644"
	treeMode = "40000" // as git hashes it; the API writes six digits
)

func (e entry) isTree() bool { return e.mode == treeMode }

// commit is a commit whose author and committer are one.
type commit struct {
	sha, tree, message string
	parents            []string
	author             person
	signed             bool // by GitHub, as commits of a workflow through the API are
}

type person struct {
	name, email string
	when        time.Time
}

func (p person) String() string {
	return fmt.Sprintf("%s <%s> %d +0000", p.name, p.email, p.when.Unix())
}

// hashObject returns the name that git gives an object.
func hashObject(kind string, data []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", kind, len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

func (o *objects) addBlob(data []byte) string {
	sha := hashObject("blob", data)
	o.blobs[sha] = data
	return sha
}

// addTree stores the tree of files, which are entries by path, and the trees below
// it. It reports false when a path is both a file and a folder.
func (o *objects) addTree(files map[string]entry) (string, bool) {
	below := map[string]map[string]entry{}
	var list []entry
	for path, e := range files {
		folder, rest, nested := strings.Cut(path, "/")
		if !nested {
			list = append(list, entry{e.mode, path, e.sha})
			continue
		}
		if below[folder] == nil {
			below[folder] = map[string]entry{}
		}
		below[folder][rest] = e
	}
	for folder, files := range below {
		sha, ok := o.addTree(files)
		if _, isFile := lookup(list, folder); isFile || !ok {
			return "", false
		}
		list = append(list, entry{treeMode, folder, sha})
	}
	return o.storeTree(list), true
}

func (o *objects) storeTree(list []entry) string {
	order := func(e entry) string {
		if e.isTree() {
			return e.name + "/" // as git sorts
		}
		return e.name
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(order(a), order(b)) })
	var b bytes.Buffer
	for _, e := range list {
		sha, _ := hex.DecodeString(e.sha)
		fmt.Fprintf(&b, "%s %s\x00%s", e.mode, e.name, sha)
	}
	sha := hashObject("tree", b.Bytes())
	o.trees[sha] = list
	return sha
}

func lookup(list []entry, name string) (entry, bool) {
	i := slices.IndexFunc(list, func(e entry) bool { return e.name == name })
	if i < 0 {
		return entry{}, false
	}
	return list[i], true
}

// files returns the entries of a tree and the trees below it, by path, without the
// trees themselves.
func (o *objects) files(tree string) map[string]entry {
	all := map[string]entry{}
	for _, e := range o.trees[tree] {
		if !e.isTree() {
			all[e.name] = e
			continue
		}
		for path, file := range o.files(e.sha) {
			all[e.name+"/"+path] = file
		}
	}
	return all
}

// at returns what a tree has at a path, which is the tree itself for "".
func (o *objects) at(tree, path string) (entry, bool) {
	found := entry{mode: treeMode, sha: tree}
	if path == "" {
		return found, true
	}
	for name := range strings.SplitSeq(path, "/") {
		if !found.isTree() {
			return entry{}, false
		}
		var ok bool
		if found, ok = lookup(o.trees[found.sha], name); !ok {
			return entry{}, false
		}
	}
	return found, true
}

func (o *objects) addCommit(c commit) *commit {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.tree)
	for _, p := range c.parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n\n%s", c.author, c.author, c.message)
	c.sha = hashObject("commit", []byte(b.String()))
	o.commits[c.sha] = &c
	return &c
}

// history returns a commit and all before it.
func (o *objects) history(sha string) map[string]bool {
	seen := map[string]bool{}
	for next := []string{sha}; len(next) > 0; {
		sha, next = next[0], next[1:]
		if c := o.commits[sha]; c != nil && !seen[sha] {
			seen[sha] = true
			next = append(next, c.parents...)
		}
	}
	return seen
}

// mergeBase returns a best common ancestor, nil if there is none.
func (o *objects) mergeBase(a, b string) *commit {
	common := o.history(a)
	maps.DeleteFunc(common, func(sha string, _ bool) bool { return !o.history(b)[sha] })
	for _, sha := range slices.Sorted(maps.Keys(common)) {
		best := !slices.ContainsFunc(slices.Collect(maps.Keys(common)), func(other string) bool {
			return other != sha && o.history(other)[sha]
		})
		if best {
			return o.commits[sha]
		}
	}
	return nil
}
