//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// onSmallDisk runs a job on a disk that is too small for it, then makes the disk larger, and the same command has to
// finish the work.
func (l *lab) onSmallDisk(ctx context.Context, j *job, dir string, rng *rand.Rand) {
	if j.bytes == 0 { // it writes nothing
		l.untilDone(ctx, j, dir)
		return
	}
	small := int64((0.1 + 0.8*rng.Float64()) * float64(j.bytes))
	if err := syscall.Mount("endurance", dir, "tmpfs", 0, fmt.Sprintf("size=%d", small)); err != nil {
		l.count("not tried, since no disk can be mounted")
		l.untilDone(ctx, j, dir)
		return
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			l.fault("the disk stays in use: %v", err)
		}
	}()
	p, err := l.run(ctx, j, dir, "")
	switch said := ""; {
	case err != nil:
		l.fault("%s: %v", j.name, err)
	case ctx.Err() != nil:
		return
	case p.hit != 0:
		l.count("full disks: killed before")
	case p.status == 0:
		l.count("full disks: it was large enough")
	default:
		said = p.out.String()
		if !strings.Contains(said, "no space left") {
			l.fault("%s on a full disk says\n%s", j.name, said)
		}
		l.count("full disks: told, and the work finished later")
	}
	large := fmt.Sprintf("size=%d", 4*j.bytes+1<<24)
	if err := syscall.Mount("endurance", dir, "tmpfs", syscall.MS_REMOUNT, large); err != nil {
		l.fault("%v", err)
		return
	}
	l.untilDone(ctx, j, dir)
}

// inLittleMemory runs a job in a control group with less memory than it took before, and then without. The system may
// kill it, and it may refuse the work, or manage.
func (l *lab) inLittleMemory(ctx context.Context, j *job, dir string, rng *rand.Rand) {
	group, err := memoryGroup(int64((0.4 + 0.5*rng.Float64()) * float64(j.peak)))
	if err != nil {
		l.count("not tried, since there is no control group of memory")
		l.untilDone(ctx, j, dir)
		return
	}
	p, err := l.run(ctx, j, dir, group)
	switch {
	case err != nil:
		l.fault("%s: %v", j.name, err)
	case ctx.Err() != nil:
	case p.hit != 0:
		l.count("little memory: killed before")
	case p.status == 0:
		l.count("little memory: it was enough")
	case p.status < 0:
		l.count("little memory: killed by the system")
	case strings.Contains(p.out.String(), "memory"):
		l.count("little memory: refused")
	default:
		l.fault("%s in little memory: status %d\n%s", j.name, p.status, p.out.String())
	}
	for range 50 { // the group is empty a moment after its process has ended
		if err = os.Remove(group); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		l.fault("%v", err)
	}
	l.untilDone(ctx, j, dir)
}

// memoryGroup makes a control group with a bound of memory, in bytes, and returns its folder.
func memoryGroup(bound int64) (string, error) {
	for _, version := range []struct{ folder, bound string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, {"/sys/fs/cgroup", "memory.max"}} {
		if _, err := os.Stat(filepath.Join(version.folder, "cgroup.procs")); err != nil {
			continue
		}
		group := filepath.Join(version.folder, fmt.Sprintf("siamese-endurance-%d", os.Getpid()))
		if err := os.Mkdir(group, 0o755); err != nil {
			return "", err
		}
		err := os.WriteFile(filepath.Join(group, version.bound), []byte(strconv.FormatInt(bound, 10)), 0)
		if err != nil {
			_ = os.Remove(group) // the first error counts
			return "", err
		}
		return group, nil
	}
	return "", os.ErrNotExist
}

// peak returns the most memory that p has had, in bytes, once it has ended.
func (p *process) peak() int64 {
	usage, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss << 10
}

// took returns the processor time of p.
func (p *process) took() time.Duration {
	return (p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()).Round(10 * time.Millisecond)
}
