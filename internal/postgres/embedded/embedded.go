// Package embedded runs a private PostgreSQL server: in a folder of ours, on a Unix socket only, also as root, and through a kill.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options of a private server.
type Options struct {
	Dir    string // holds the data, the log and the lock; made when missing
	Unsafe bool   // no fsync: for throw-away clusters of tests
	Log    *slog.Logger
}

// ErrInUse says that another process owns the folder's server.
var ErrInUse = errors.New("is in use by another running koinon")

// Server is a running private server. The one who owns it stops it at Close; others are guests.
type Server struct {
	opts   Options
	bins   binaries
	owner  owner
	lock   *os.File
	socket string

	mu      sync.Mutex
	pid     int
	exited  chan struct{} // of the child; nil for an adopted server
	closing bool
	watched sync.WaitGroup
}

const (
	user     = "koinon"
	database = "koinon"
)

// Start runs the server of a folder and owns it. A second owner is refused with ErrInUse.
// A server that outlived its owner is taken over.
func Start(ctx context.Context, opts Options) (*Server, error) {
	s, err := prepare(opts)
	if err != nil {
		return nil, err
	}
	if err := s.seize(); err != nil {
		return nil, err
	}
	if err := s.run(ctx); err != nil {
		s.lock.Close()
		return nil, err
	}
	s.watched.Add(1)
	go s.watch()
	return s, nil
}

// Open joins the running server of a folder as a guest, or starts it for as long as it is open.
func Open(ctx context.Context, opts Options) (*Server, error) {
	s, err := Start(ctx, opts)
	if !errors.Is(err, ErrInUse) {
		return s, err
	}
	if s, err = prepare(opts); err != nil {
		return nil, err
	}
	// The owner may be starting it just now.
	for end := time.Now().Add(30 * time.Second); ; {
		if pid, socket, ok := s.alive(); ok {
			s.pid, s.socket = pid, socket
			if err = s.answers(ctx); err == nil {
				return s, nil
			}
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("the server in %s is owned by another process but does not answer: %w", opts.Dir, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func prepare(opts Options) (*Server, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, err
	}
	opts.Dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the database: %w", err)
	}
	bins, err := find()
	if err != nil {
		return nil, err
	}
	who, err := dataOwner()
	if err != nil {
		return nil, err
	}
	return &Server{opts: opts, bins: bins, owner: who}, nil
}

func (s *Server) data() string { return filepath.Join(s.opts.Dir, "data") }

// seize takes the folder's lock; the kernel gives it back when this process dies, however it dies.
func (s *Server) seize() error {
	lock, err := os.OpenFile(filepath.Join(s.opts.Dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("lock of the database: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return fmt.Errorf("the database in %s %w", s.opts.Dir, ErrInUse)
	}
	s.lock = lock
	return nil
}

// run adopts the server that still lives, or makes the cluster and starts one, and waits until it answers.
func (s *Server) run(ctx context.Context) error {
	if pid, socket, ok := s.alive(); ok {
		s.pid, s.socket = pid, socket
		if err := s.answers(ctx); err == nil {
			s.opts.Log.Info("took over the running database server", "pid", pid)
			return s.ensureDatabase(ctx)
		}
		if err := s.stopStray(pid); err != nil {
			return err
		}
	}
	if !exists(filepath.Join(s.data(), "PG_VERSION")) {
		if err := s.initdb(ctx); err != nil {
			return err
		}
	}
	if err := s.sameVersion(); err != nil {
		return err
	}
	if err := s.launch(); err != nil {
		return err
	}
	if err := s.wait(ctx); err != nil {
		s.stop()
		return err
	}
	return s.ensureDatabase(ctx)
}

func (s *Server) sameVersion() error {
	raw, err := os.ReadFile(filepath.Join(s.data(), "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if made := strings.TrimSpace(string(raw)); made != strconv.Itoa(s.bins.major) {
		older, err := findIn(candidatesOf(made))
		if err != nil || strconv.Itoa(older.major) != made {
			return fmt.Errorf("the data in %s were made by PostgreSQL %s, and the newest server here is %d: install PostgreSQL %s again, or move the data with pg_dump", s.data(), made, s.bins.major, made)
		}
		s.bins = older
	}
	return nil
}

func candidatesOf(major string) []string {
	var dirs []string
	for _, dir := range candidates() {
		if b, err := examine(dir); err == nil && strconv.Itoa(b.major) == major {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// alive reads the postmaster's own note and tells whether that process lives.
func (s *Server) alive() (pid int, socket string, ok bool) {
	raw, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return 0, "", false
	}
	lines := strings.Split(string(raw), "\n")
	if len(lines) < 5 {
		return 0, "", false
	}
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 || syscall.Kill(pid, 0) != nil {
		return 0, "", false
	}
	return pid, strings.TrimSpace(lines[4]), true
}

// stopStray ends a server of this very data folder that lives but does not answer.
func (s *Server) stopStray(pid int) error {
	if !isPostgres(pid) {
		return nil // the number was given to another program after a crash
	}
	s.opts.Log.Warn("a database server of this folder does not answer; stopping it", "pid", pid)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		_ = syscall.Kill(pid, signal) // gone already is as good
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if syscall.Kill(pid, 0) != nil {
				return nil
			}
		}
	}
	return fmt.Errorf("the old database server (process %d) does not stop", pid)
}

func isPostgres(pid int) bool {
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return exists("/proc") == exists(fmt.Sprintf("/proc/%d", pid))
	}
	return strings.Contains(string(out), "postgres")
}

// URL of the database, for pgx and database/sql.
func (s *Server) URL() string { return s.urlOf(database) }

// Of is the address of another database of this server.
func (s *Server) Of(name string) string { return s.urlOf(name) }

func (s *Server) urlOf(name string) string {
	q := url.Values{"host": {s.socket}, "user": {user}, "sslmode": {"disable"}}
	return "postgres:///" + name + "?" + q.Encode()
}

func (s *Server) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.urlOf("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func (s *Server) wait(ctx context.Context) error {
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("the database server stopped at once; its log ends: %s", s.logTail())
		case <-ctx.Done():
			return fmt.Errorf("the database server does not answer (%w); its log ends: %s", err, s.logTail())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *Server) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.urlOf("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var there bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, database).Scan(&there); err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, `create database koinon`)
	return err
}

// watch starts the server again when it dies while we live.
func (s *Server) watch() {
	defer s.watched.Done()
	for {
		s.mu.Lock()
		exited, pid := s.exited, s.pid
		s.mu.Unlock()
		if exited != nil {
			<-exited
		} else {
			for syscall.Kill(pid, 0) == nil {
				time.Sleep(200 * time.Millisecond)
				if s.isClosing() {
					return
				}
			}
		}
		if s.isClosing() {
			return
		}
		s.opts.Log.Error("the database server died; starting it again", "pid", pid)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		err := s.relaunch(ctx)
		cancel()
		if err != nil {
			s.opts.Log.Error("the database server does not start again", "error", err)
			time.Sleep(time.Second)
		}
	}
}

func (s *Server) relaunch(ctx context.Context) error {
	if err := s.launch(); err != nil {
		return err
	}
	return s.wait(ctx)
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// Pid of the server's first process.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pid
}

// Close stops the server if it is ours.
func (s *Server) Close() error {
	if s.lock == nil {
		return nil
	}
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	err := s.stop()
	s.watched.Wait()
	if s.socket != "" && strings.HasPrefix(filepath.Base(s.socket), "koinon-") {
		_ = os.RemoveAll(s.socket) // a leftover in the temporary folder harms nobody
	}
	return errors.Join(err, s.lock.Close())
}

func (s *Server) stop() error {
	s.mu.Lock()
	pid, exited := s.pid, s.exited
	s.mu.Unlock()
	if pid <= 1 {
		return nil
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		if err := syscall.Kill(pid, signal); err != nil {
			return nil // gone already
		}
		for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if exited != nil {
				select {
				case <-exited:
					return nil
				default:
				}
			} else if syscall.Kill(pid, 0) != nil {
				return nil
			}
		}
	}
	return fmt.Errorf("the database server (process %d) does not stop", pid)
}
