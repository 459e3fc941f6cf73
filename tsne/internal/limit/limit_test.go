package limit

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const mib = 1 << 20

// tree makes a root with these files.
func tree(t *testing.T, files map[string]string) root {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root(dir)
}

const (
	meminfo = "MemTotal:       24684096 kB\nMemFree:        22824164 kB\nMemAvailable:   1048576 kB\n"
	limits  = "Limit                     Soft Limit           Hard Limit           Units     \n" +
		"Max cpu time              unlimited            unlimited            seconds   \n" +
		"Max data size             DATA                 unlimited            bytes     \n" +
		"Max address space         SPACE                unlimited            bytes     \n"
	status  = "Name:\tx\nVmPeak:\t  900000 kB\nVmSize:\t  204800 kB\nVmData:\t  102400 kB\n"
	mounts1 = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n" +
		"32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n" +
		"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
	mounts2 = "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
	groups1 = "9:name=systemd:/\n4:cpu,memory:/slurm/job 7/step\n0::/\n"
	groups2 = "0::/user.slice/job.scope\n"
	v1dir   = "sys/fs/cgroup/memory/"
	v2dir   = "sys/fs/cgroup/"
)

func TestAvailable(t *testing.T) {
	stacks := stack * uint64(runtime.GOMAXPROCS(0))
	limited := func(data, space string) string {
		return strings.NewReplacer("DATA", data, "SPACE", space).Replace(limits)
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  uint64
		what  string
	}{
		"nothing known": {nil, None, ""},
		"the machine":   {map[string]string{"proc/meminfo": meminfo, "proc/self/limits": limited("unlimited", "unlimited"), "proc/self/status": status}, 1024 * mib, "free memory"},
		"nonsense": {map[string]string{"proc/meminfo": "MemAvailable: many kB\n", "proc/self/limits": "Max address space\nMax data size  x", "proc/self/cgroup": "x\n0:\n4:memory",
			"proc/self/mountinfo": "\n - \n1 2 3 - cgroup\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"}, None, ""},
		"address space": {map[string]string{"proc/meminfo": meminfo, "proc/self/limits": limited("unlimited", "1048576000"), "proc/self/status": status},
			(1000*mib - 200*mib - arenas - stacks) / outOf * inUse, "ulimit -v"},
		"address space used up": {map[string]string{"proc/meminfo": meminfo, "proc/self/limits": limited("unlimited", "104857600"), "proc/self/status": status}, 0, "ulimit -v"},
		"data":                  {map[string]string{"proc/meminfo": meminfo, "proc/self/limits": limited("1048576000", "unlimited"), "proc/self/status": status}, 1000*mib - 100*mib - stacks, "ulimit -d"},
		"version 1": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": groups1, "proc/self/mountinfo": mounts1,
			v1dir + "slurm/job 7/step/memory.limit_in_bytes": "9223372036854771712\n",
			v1dir + "slurm/job 7/memory.limit_in_bytes":      "262144000\n",
			v1dir + "slurm/job 7/memory.usage_in_bytes":      "104857600\n",
			v1dir + "slurm/job 7/memory.stat":                "inactive_file 1\ntotal_inactive_file 52428800\n",
			v1dir + "memory.limit_in_bytes":                  "1048576000\n"}, 200 * mib, "cgroup"},
		"version 1, the machine has less": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": groups1, "proc/self/mountinfo": mounts1,
			v1dir + "memory.limit_in_bytes": "2097152000\n"}, 1024 * mib, "free memory"},
		"version 1 in a container": {map[string]string{"proc/self/cgroup": "4:memory:/docker/abc/inner\n",
			"proc/self/mountinfo":                          strings.Replace(mounts1, "0:32 / /sys", `0:32 /docker/abc /a\040b/sys`, 1),
			"a b/" + v1dir + "memory.limit_in_bytes":       "104857600\n",
			"a b/" + v1dir + "inner/memory.limit_in_bytes": "52428800\n"}, 50 * mib, "cgroup"},
		"version 2": {map[string]string{"proc/self/cgroup": groups2, "proc/self/mountinfo": mounts2,
			v2dir + "user.slice/job.scope/memory.max":     "max\n",
			v2dir + "user.slice/memory.max":               "262144000\n",
			v2dir + "user.slice/memory.current":           "104857600\n",
			v2dir + "user.slice/memory.stat":              "anon 7\ninactive_file 104857600\n",
			v2dir + "user.slice/job.scope/memory.current": "1\n"}, 250 * mib, "cgroup"},
		"version 2, over the limit": {map[string]string{"proc/self/cgroup": groups2, "proc/self/mountinfo": mounts2,
			v2dir + "user.slice/job.scope/memory.max":     "1048576\n",
			v2dir + "user.slice/job.scope/memory.current": "2097152\n"}, 0, "cgroup"},
		"version 2, of a name space": {map[string]string{"proc/self/cgroup": "0::/../other\n", "proc/self/mountinfo": mounts2,
			v2dir + "memory.max": "1048576\n"}, mib, "cgroup"},
		"both, of which version 1 has memory": {map[string]string{"proc/self/cgroup": groups1, "proc/self/mountinfo": mounts1 + strings.Replace(mounts2, "/sys/fs/cgroup", "/sys/fs/cgroup/unified", 1),
			v1dir + "slurm/memory.limit_in_bytes": "1048576\n"}, mib, "cgroup"},
	} {
		t.Run(name, func(t *testing.T) {
			got, what := tree(t, c.files).available()
			if got != c.want || !strings.Contains(what, c.what) || (what == "") != (c.what == "") {
				t.Errorf("%d by %q, want %d by %q", got, what, c.want, c.what)
			}
		})
	}
}

func TestOfThisMachine(t *testing.T) {
	bytes, what := Available()
	if runtime.GOOS == "linux" && (bytes == math.MaxUint64 || what == "") {
		t.Error("nothing says what this machine has free")
	}
	t.Logf("%d MiB: %s", bytes/mib, what)
}
