package limit

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// version is how one of the two kinds of control groups names what it tells.
type version struct {
	most, used, cache string
}

var (
	v1 = version{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
	v2 = version{"memory.max", "memory.current", "inactive_file"}
)

// groups is what the control groups of the process leave it, each being part of
// those above it; None if none has a limit.
func (r root) groups() uint64 {
	least := uint64(None)
	mounts := r.mounts()
	for line := range strings.Lines(r.read("proc/self/cgroup")) {
		// hierarchy:controllers:path; the controllers of version 2 are not named.
		part := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(part) < 3 {
			continue
		}
		unified := part[1] == ""
		if !unified && !slices.Contains(strings.Split(part[1], ","), "memory") {
			continue
		}
		for _, m := range mounts {
			if m.unified == unified {
				least = min(least, r.walk(m, part[2]))
			}
		}
	}
	return least
}

// walk is what the group of that path and those above it, as far as they are
// mounted, leave.
func (r root) walk(m mount, path string) uint64 {
	names := v1
	if m.unified {
		names = v2
	}
	// In a container the mount may begin below the path's root, or the path lead out
	// of the namespace.
	within, ok := strings.CutPrefix(path, strings.TrimSuffix(m.from, "/"))
	if !ok || within != "" && within[0] != '/' || strings.HasPrefix(within, "/..") {
		within = ""
	}
	least := uint64(None)
	for dir := filepath.Join(m.at, within); ; dir = filepath.Dir(dir) {
		least = min(least, r.left(dir, names))
		if len(dir) <= len(m.at) {
			return least
		}
	}
}

// left is what one group leaves. Pages of files that nobody has used lately are
// as good as free.
func (r root) left(dir string, names version) uint64 {
	number := func(s string) (uint64, bool) {
		v, err := strconv.ParseUint(strings.TrimSpace(s), 10, 64)
		return v, err == nil
	}
	most, ok := number(r.read(filepath.Join(dir, names.most)))
	if !ok || most >= None/4 { // "max", or version 1's word for it
		return None
	}
	used, _ := number(r.read(filepath.Join(dir, names.used)))
	cache, _ := number(table(r.read(filepath.Join(dir, "memory.stat")), " ")[names.cache])
	return less(most, less(used, cache))
}

// mount is a hierarchy of control groups that knows of memory.
type mount struct {
	unified  bool   // version 2
	from, at string // the group that is mounted, and where
}

func (r root) mounts() (list []mount) {
	for line := range strings.Lines(r.read("proc/self/mountinfo")) {
		// id parent device from at options [fields] - type source options
		before, after, _ := strings.Cut(line, " - ")
		f, g := strings.Fields(before), strings.Fields(after)
		if len(f) < 5 || len(g) < 3 {
			continue
		}
		m := mount{unified: g[0] == "cgroup2", from: plain(f[3]), at: plain(f[4])}
		if m.unified || g[0] == "cgroup" && slices.Contains(strings.Split(g[2], ","), "memory") {
			list = append(list, m)
		}
	}
	return list
}

// plain undoes what mountinfo makes of spaces and the like.
var plain = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace
