package wire

import (
	"bufio"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/labtest"
)

// TestTable reads tables as Linux prints them on a little-endian machine.
func TestTable(t *testing.T) {
	if !littleEndian {
		t.Skip("the table of this test is that of a little-endian machine")
	}
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 20 4 30 10 -1
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 1 1 0 20 4 30 10 -1
   2: 0100007F:C351 0100007F:1F90 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0
   3: 00000000000000000000000001000000:C352 00000000000000000000000001000000:1F90 01 0:0 00:0 0  1002        0 1
`
	for _, test := range []struct {
		own, peer string
		uid       int
		found     bool
	}{
		{"127.0.0.1:50000", "127.0.0.1:8080", 1001, true},
		{"127.0.0.1:8080", "127.0.0.1:50000", 1000, true},
		{"127.0.0.1:50001", "127.0.0.1:8080", 0, false}, // closed by its process, whose user the table has lost
		{"[::1]:50002", "[::1]:8080", 1002, true},
		{"127.0.0.1:50003", "127.0.0.1:8080", 0, false},
	} {
		uid, found, err := find(bufio.NewScanner(strings.NewReader(table)), netip.MustParseAddrPort(test.own),
			netip.MustParseAddrPort(test.peer))
		if err != nil || uid != test.uid || found != test.found {
			t.Errorf("%s: user %d, %v, %v", test.own, uid, found, err)
		}
	}
}

// TestOtherUser: a process of another user gets nothing from a socket, one of this user is greeted.
func TestOtherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can start a process of another user")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to be the other process")
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if host == "::1" && (errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)) {
			t.Log("this machine has no IPv6, as many containers")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		s := &socket{kind: pub, listener: l, log: labtest.LogTo(t), received: (*socket).subscribe}
		go s.accept()
		port := l.Addr().(*net.TCPAddr).Port
		for _, uid := range []uint32{0, 65534} {
			cmd := exec.Command(bash, "-c", `exec 3<>/dev/tcp/$0/$1; head -c 64 <&3 | wc -c`, host, strconv.Itoa(port))
			cmd.Dir = "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
			out, err := cmd.CombinedOutput()
			got := strings.TrimSpace(string(out))
			if uid == 0 && (err != nil || got != "64") {
				t.Errorf("%s: this user got %q, %v", host, got, err)
			}
			if last := got[strings.LastIndexByte(got, '\n')+1:]; uid != 0 && last != "0" {
				t.Errorf("%s: another user got %q, %v", host, got, err)
			}
		}
	}
}

// TestNoTables: where the system does not tell its connections, those of this machine are taken.
func TestNoTables(t *testing.T) {
	old := tables
	tables = []string{"/nonexistent"}
	t.Cleanup(func() { tables = old })
	if knowsUsers() {
		t.Error("users are known without tables")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := ours(conn); err != nil {
		t.Errorf("error %v", err)
	}
}
