package testdb

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/postgres/embedded"
)

// keeperVar makes a test binary the keeper of the run's cluster instead of running tests.
const keeperVar = "KOINON_TEST_CLUSTER"

// A run of go test starts one binary per package. The first that needs a database starts this same binary once more, as the
// keeper: it owns the cluster until the go command is gone, however that ended.
func init() {
	if dir := os.Getenv(keeperVar); dir != "" {
		os.Exit(keep(dir))
	}
}

func runKey() string { return strconv.Itoa(os.Getppid()) }

func runDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("koinon-test-%d-%s", os.Getuid(), runKey()))
}

// lockRun keeps the binaries of a run from preparing the same thing twice.
func lockRun(t testing.TB) func() {
	t.Helper()
	if err := os.MkdirAll(runDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(filepath.Join(runDir(), "run.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { lock.Close() }
}

var found struct {
	sync.Mutex
	url string
}

// server is the address of the run's server, which the first caller starts. No server to be found fails the test.
func server(t testing.TB) string {
	t.Helper()
	found.Lock()
	defer found.Unlock()
	if found.url != "" {
		return found.url
	}
	unlock := lockRun(t)
	defer unlock()
	address := filepath.Join(runDir(), "address")
	if raw, err := os.ReadFile(address); err == nil {
		found.url = string(raw)
		return found.url
	}
	keeper := exec.Command(os.Args[0])
	keeper.Env = append(os.Environ(), keeperVar+"="+runDir(), "KOINON_TEST_RUN="+runKey())
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	said, err := keeper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 16<<10)
	n, _ := said.Read(line) // an empty answer is judged below
	said.Close()
	url, ok := strings.CutPrefix(string(line[:n]), "ready ")
	if !ok {
		t.Fatalf("tests need PostgreSQL: %s", line[:n])
	}
	go func() { _ = keeper.Wait() }() // so that it leaves no zombie if it ends before us
	found.url = strings.TrimSpace(url)
	if err := os.WriteFile(address, []byte(found.url), 0o600); err != nil {
		t.Fatal(err)
	}
	return found.url
}

func keep(dir string) int {
	run, err := strconv.Atoi(os.Getenv("KOINON_TEST_RUN"))
	if err != nil {
		fmt.Println("no run to keep a cluster for")
		return 1
	}
	url, stop, err := serverFor(dir)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("ready " + url)
	os.Stdout.Close()
	for syscall.Kill(run, 0) == nil {
		time.Sleep(100 * time.Millisecond) // waiting for the end of a process that is not our child
	}
	stop()
	_ = os.RemoveAll(dir) // in the temporary folder; a leftover harms nobody
	return 0
}

func serverFor(dir string) (url string, stop func(), err error) {
	if external := External(); external != "" {
		return external, func() { dropAll(external, os.Getenv("KOINON_TEST_RUN")) }, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := embedded.Start(ctx, embedded.Options{Dir: filepath.Join(dir, "pg"), Unsafe: true})
	if err != nil {
		return "", nil, err
	}
	return s.Of("postgres"), func() { _ = s.Close() }, nil
}

func dropAll(dsn, run string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return
	}
	defer conn.Close(ctx)
	for _, kind := range []string{"koinon_template_", "koinon_base_"} {
		_, _ = conn.Exec(ctx, "drop database if exists "+quote(kind+run)+" with (force)") // the next run makes its own
	}
}
