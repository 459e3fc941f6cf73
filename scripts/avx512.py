"""Runs the AVX-512 kernels of a Go test binary in Bochs: see scripts/avx512."""

import os
import random
import re
import struct
import subprocess
import sys

import bochscpu
import bochscpu.cpu
import bochscpu.memory as memory

DATA, TABLES = 0x10000000, 0x20000000
STACK, RETURN = DATA + 0xE0000, DATA + 0xFF000


class Machine:
    """A processor in long mode with the segments of an ELF file in its memory."""

    def __init__(self, path):
        with open(path, "rb") as f:
            elf = f.read()
        self.symbols = {}
        for line in subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout.splitlines():
            f = line.split()
            if len(f) == 3 and re.search(r"AVX(2|512)(\.abi0)?$", f[2]):
                self.symbols[f[2].removesuffix(".abi0").rsplit(".", 1)[-1]] = int(f[0], 16)
        self.tree, self.pages, segments = memory.PageMapLevel4Table(), set(), []
        (at,), (n,) = struct.unpack_from("<Q", elf, 32), struct.unpack_from("<H", elf, 56)
        for i in range(n):
            kind, _, off, va, _, size, room, _ = struct.unpack_from("<IIQQQQQQ", elf, at + 56 * i)
            if kind == 1:  # PT_LOAD
                self.map(va, room)
                segments.append((va, elf[off : off + size]))
        self.map(DATA, 1 << 20)
        for pa in range(TABLES, TABLES + 0x400000, 4096):
            memory.page_insert(pa, memory.allocate_host_page())
        for hva, gpa in self.tree.commit(TABLES):
            memory.page_insert(gpa, hva)
        for va, data in segments:
            self.write(va, data)

    def map(self, va, size):
        for p in range(va & ~4095, va + size, 4096):
            if p not in self.pages:
                self.pages.add(p)
                memory.page_insert(p, memory.allocate_host_page())
                self.tree.insert(p, p, 7)

    def write(self, at, data):
        while data:
            k = min(4096 - at % 4096, len(data))
            memory.phy_write(at, list(data[:k]))
            at, data = at + k, data[k:]

    def read(self, at, size):
        out = b""
        while len(out) < size:
            k = min(4096 - (at + len(out)) % 4096, size - len(out))
            out += bytes(memory.phy_read(at + len(out), k))
        return out

    def call(self, name, args):
        """Calls an assembly function of Go with its arguments as they lie on the stack."""
        self.write(STACK, struct.pack("<Q", RETURN) + args + bytes(64))
        s = bochscpu.State()
        bochscpu.cpu.set_long_mode(s)
        s.cr0 &= ~(1 << 16)  # all pages may be written
        s.cr3, s.cr4, s.xcr0 = TABLES, s.cr4 | 1 << 5 | 1 << 9 | 1 << 10 | 1 << 18, 0xE7
        s.mxcsr, s.mxcsr_mask, s.rflags = 0x1F80, 0xFFFF, 2
        s.rip, s.rsp = self.symbols[name], STACK
        for r in ("cs", "ds", "es", "ss", "fs", "gs"):
            x = bochscpu.Segment()
            x.base, x.limit, x.present = 0, 0xFFFFFFFF, True
            x.selector, x.attr = (8, 0xA09B) if r == "cs" else (16, 0xC093)
            setattr(s, r, x)
        session, hook, faults = bochscpu.Session(), bochscpu.Hook(), []
        session.missing_page_handler = lambda at: (_ for _ in ()).throw(MemoryError(hex(at)))

        def fault(session, _, vector, code):
            faults.append((vector, code))
            session.stop()

        hook.exception = fault
        hook.before_execution = lambda session, *_: session.stop() if session.cpu.rip == RETURN else None
        session.cpu.state = s
        session.run([hook])
        if faults:
            raise RuntimeError(f"{name}: exceptions {faults} at {session.cpu.rip:#x}")


A = DATA
random.seed(2)


def fl(n, sc=1):
    return struct.pack("<%df" % n, *[random.gauss(0, 1) * sc for _ in range(n)])


def dbl(n):
    return struct.pack("<%dd" % n, *[random.random() * 3 for _ in range(n)])


def q(*a):
    return struct.pack("<%dq" % len(a), *a)


bad = 0


def check(n, ok):
    global bad
    if not ok:
        bad += 1
        print("DIFFERS", n)


w = os.path.basename(sys.argv[1])
e = Machine(sys.argv[1])
cnt = 0
if w == "direct":
    for dims in (1, 2, 3):
        for kind in ("add", "weighted", "z", "self"):
            for m in (1, 2, 7, 16, 257, 600):
                if kind == "self" and m > 16:
                    continue
                t, src, s = fl(48, 5), fl(4 * m, 5), dbl(64)
                keep = b"".join(
                    struct.pack("<16I", *[0 if i == j else 0xFFFFFFFF for i in range(16)]) for j in range(16)
                )
                r = []
                for lv in ("AVX2", "AVX512"):
                    e.write(A, t)
                    e.write(A + 0x1000, src)
                    e.write(A + 0x20000, s)
                    e.write(A + 0x30000, keep)
                    e.call(
                        "%s%d%s" % (kind, dims, lv),
                        q(A, A + 0x1000, 4, m, A + 0x20000) + (q(A + 0x30000) if kind == "self" else b""),
                    )
                    r.append(e.read(A + 0x20000, 512))
                check((kind, dims, m), r[0] == r[1] and r[0] != s)
                cnt += 1
if w == "vec":
    for n in list(range(1, 20)) + [64, 90]:
        for beta in (0.0, 1.0, 30.0, 800.0):
            d = dbl(n)
            r = []
            # AVX2 takes multiples of eight; the tail is compared by padding a separate run
            e.write(A, bytes(8 * 128))
            e.write(A + 0x1000, d + bytes(1024))
            e.write(A + 0x2000, bytes(192))
            e.call("gaussAVX512", q(A, A + 0x1000, n) + struct.pack("<d", beta) + q(A + 0x2000))
            g = (e.read(A, 8 * 128), e.read(A + 0x2000, 192))
            full = (n + 7) // 8 * 8
            e.write(A, bytes(8 * 128))
            e.write(A + 0x2000, bytes(192))
            e.call("gaussAVX2", q(A, A + 0x1000, full) + struct.pack("<d", beta) + q(A + 0x2000))
            h = [e.read(A, 8 * 128), e.read(A + 0x2000, 192)]
            wv = g[0][: 8 * n] == h[0][: 8 * n] and g[0][8 * n :] == bytes(8 * 128 - 8 * n)
            lanes = struct.unpack("<24d", g[1])
            l2 = list(struct.unpack("<24d", h[1]))
            if n == full:
                ok = g[1] == h[1]
            else:  # padded zeros have weight 1 and add 1 to lane sums of w, nothing to the others; check by Python
                ok = lanes[8:] == tuple(l2[8:]) and all(lanes[i] == l2[i] for i in range(n % 8))
                wn = struct.unpack("<%dd" % n, g[0][: 8 * n])
                for i in range(8):
                    t = 0.0
                    for j in range(i, n, 8):
                        t += wn[j]
                    ok = ok and t == lanes[i]
            check(("gauss", n, beta, wv), wv and ok)
            cnt += 1
    for dims in (1, 2, 3):
        n = 40
        y = fl(n * dims, 3)
        sizes = [0, 1, 7, 8, 9, 15, 16, 17, 24, 31, 3, 33]
        ptr = [0]
        for i in range(n):
            ptr.append(ptr[-1] + sizes[i % 12])
        col = struct.pack("<%di" % ptr[-1], *[random.randrange(n) for _ in range(ptr[-1])])
        val = struct.pack("<%df" % ptr[-1], *[random.random() for _ in range(ptr[-1])])
        r = []
        for lv in ("AVX2", "AVX512"):
            e.write(A, bytes(64))
            e.write(A + 0x1000, y)
            e.write(A + 0x2000, q(*ptr))
            e.write(A + 0x4000, col + b"\xff\xff\xff\x7f" * 16)
            e.write(A + 0x8000, val + b"\xff" * 64)
            e.call("sumPLog%d%s" % (dims, lv), q(A, A + 0x1000, A + 0x2000, A + 0x4000, A + 0x8000, 0, n))
            r.append(e.read(A, 64))
        check(("sumPLog", dims), r[0] == r[1] and r[0] != bytes(64))
        cnt += 1
print(w, cnt, "compared,", bad, "differ")
sys.exit(bad > 0 or cnt == 0)
