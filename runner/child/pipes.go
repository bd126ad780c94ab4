package child

import (
	"os"
	"sync"
	"time"
)

// pipes carry standard output and standard error of a program. They are made here
// rather than by os/exec, whose Wait would last as long as any process holds them.
type pipes struct {
	readEnds, writeEnds [2]*os.File
	open                sync.WaitGroup // streams that are being read
}

func newPipes() (*pipes, error) {
	var p pipes
	var err error
	if p.readEnds[0], p.writeEnds[0], err = os.Pipe(); err != nil {
		return nil, err
	}
	if p.readEnds[1], p.writeEnds[1], err = os.Pipe(); err != nil {
		closeFiles(p.readEnds[0], p.writeEnds[0])
		return nil, err
	}
	return &p, nil
}

func (p *pipes) closeWriteEnds() { closeFiles(p.writeEnds[:]...) }

func (p *pipes) closeReadEnds() { closeFiles(p.readEnds[:]...) }

// drain waits until both streams are read to their end, for [drainTime] at most.
func (p *pipes) drain() {
	timer := time.AfterFunc(drainTime, p.closeReadEnds)
	p.open.Wait()
	timer.Stop()
	p.closeReadEnds()
}

// closeFiles closes ends of pipes, which hold nothing that could be lost.
func closeFiles(files ...*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}
