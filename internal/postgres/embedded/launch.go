package embedded

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// owner is the system user that the server runs as; PostgreSQL refuses to run as root.
type owner struct {
	drop     bool
	uid, gid uint32
}

func dataOwner() (owner, error) {
	if os.Geteuid() != 0 {
		return owner{}, nil
	}
	if runtime.GOOS != "linux" {
		return owner{}, fmt.Errorf("as root the private database runs on Linux only: start koinon as an ordinary user")
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := osuser.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return owner{drop: true, uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return owner{}, fmt.Errorf("as root the private database needs a system user «postgres» or «nobody» to run as")
}

// command runs a program of the server as its owner. The data folder may lie below folders that only root may enter:
// root opens it and hands the descriptor down as number 3.
func (s *Server) command(program string, args ...string) (*exec.Cmd, func(), error) {
	cmd := exec.Command(filepath.Join(s.bins.bin, program))
	data, done := s.data(), func() {}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C in the terminal is for koinon alone
	cmd.Dir = "/"
	if s.owner.drop {
		folder, err := os.Open(s.data())
		if err != nil {
			return nil, nil, fmt.Errorf("data folder: %w", err)
		}
		done = func() { folder.Close() }
		cmd.ExtraFiles = []*os.File{folder}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: s.owner.uid, Gid: s.owner.gid}
		data = "/proc/self/fd/3"
	}
	cmd.Args = append(cmd.Args, append([]string{"-D", data}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	return cmd, done, nil
}

func (s *Server) initdb(ctx context.Context) error {
	if err := os.MkdirAll(s.data(), 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if s.owner.drop {
		if err := os.Chown(s.data(), int(s.owner.uid), int(s.owner.gid)); err != nil {
			return fmt.Errorf("data folder: %w", err)
		}
	}
	args := []string{"--data-checksums", "--encoding=UTF8", "--locale=C.UTF-8", "--username=" + user, "--auth=trust"}
	if s.opts.Unsafe {
		args = append(args, "--no-sync")
	}
	out, err := s.initdbWith(args)
	if err != nil && bytes.Contains(out, []byte("invalid locale")) {
		args[2] = "--locale=C"
		out, err = s.initdbWith(args)
	}
	if err != nil {
		return fmt.Errorf("make the database: %w: %s", err, bytes.TrimSpace(out))
	}
	return ctx.Err()
}

func (s *Server) initdbWith(args []string) ([]byte, error) {
	cmd, done, err := s.command("initdb", args...)
	if err != nil {
		return nil, err
	}
	defer done()
	return cmd.CombinedOutput()
}

const socketName = "/.s.PGSQL.5432"

// socketDir makes a private folder with a short path: a socket's address has 107 bytes at most.
func (s *Server) socketDir() (string, error) {
	for _, base := range []string{os.TempDir(), "/tmp"} {
		dir, err := os.MkdirTemp(base, "koinon-")
		if err != nil {
			continue
		}
		if len(dir)+len(socketName) > 107 {
			_ = os.Remove(dir) // empty and ours
			continue
		}
		if s.owner.drop {
			if err := os.Chown(dir, int(s.owner.uid), int(s.owner.gid)); err != nil {
				return "", fmt.Errorf("folder of the socket: %w", err)
			}
		}
		return dir, nil
	}
	return "", fmt.Errorf("no temporary folder with a path short enough for a socket (107 bytes)")
}

func (s *Server) launch() error {
	if s.socket == "" || !exists(s.socket) {
		dir, err := s.socketDir()
		if err != nil {
			return err
		}
		s.socket = dir
	}
	args := []string{"-k", s.socket, "-c", "listen_addresses=", "-c", "port=5432", "-c", "unix_socket_permissions=0700",
		"-c", "shared_buffers=64MB", "-c", "max_connections=100", "-c", "jit=off", "-c", "timezone=UTC", "-c", "log_timezone=UTC",
		"-c", "dynamic_shared_memory_type=posix", "-c", "wal_level=replica", "-c", "max_wal_size=512MB", "-c", "checkpoint_timeout=10min", "-c", "lc_messages=C"}
	if s.opts.Unsafe {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	}
	cmd, done, err := s.command("postgres", args...)
	if err != nil {
		return err
	}
	defer done()
	log, err := s.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the database server: %w", err)
	}
	exited := make(chan struct{})
	s.mu.Lock()
	s.pid, s.exited = cmd.Process.Pid, exited
	s.mu.Unlock()
	go func() {
		_ = cmd.Wait() // its log says why it ended
		close(exited)
	}()
	return nil
}

const maxLog = 10 << 20

func (s *Server) openLog() (*os.File, error) {
	path := filepath.Join(s.opts.Dir, "server.log")
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		flags |= os.O_TRUNC
	}
	log, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log of the database: %w", err)
	}
	return log, nil
}

func (s *Server) logTail() string {
	raw, err := os.ReadFile(filepath.Join(s.opts.Dir, "server.log"))
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(raw[max(0, len(raw)-600):]))
}
