"""libtsne for Conan 2: conan create packaging/conan. Go 1.25 or newer must be there."""

import re
from pathlib import Path

from conan import ConanFile
from conan.tools.files import copy

ROOT = Path(__file__).resolve().parents[2]


class Libtsne(ConanFile):
    """The shared library and its header, by scripts/lib.sh; CMake knows it as tsne::tsne."""

    name = "libtsne"
    package_type = "shared-library"
    license = "BSD-3-Clause"
    url = homepage = "https://github.com/libtsne/libtsne"
    description = "t-SNE: maps of high-dimensional data, the same bits on any machine"
    settings = "os", "arch", "compiler", "build_type"

    def set_version(self):
        self.version = re.search(r'TSNE_VERSION "(.+)"', (ROOT / "include/tsne.h").read_text())[1]

    def export_sources(self):
        for kept in ("capi/*", "tsne/*", "include/*", "licenses/*", "scripts/lib.sh", "go.mod", "go.sum", "LICENSE"):
            copy(self, kept, ROOT, self.export_sources_folder, excludes="*_test.go")

    def package_id(self):
        # C alone: no compiler's or build type's library differs.
        del self.info.settings.compiler
        del self.info.settings.build_type

    def build(self):
        self.run(f'TSNE_BUILD_DIR="{self.build_folder}/build" sh scripts/lib.sh "{self.build_folder}/prefix"')

    def package(self):
        prefix = Path(self.build_folder, "prefix")
        for folder in ("include", "lib"):
            copy(self, "*.h" if folder == "include" else "libtsne.*[!a]", prefix / folder, Path(self.package_folder, folder))
        copy(self, "*", prefix / "share/doc/libtsne", Path(self.package_folder, "licenses"))

    def package_info(self):
        self.cpp_info.libs = ["tsne"]
        self.cpp_info.set_property("cmake_file_name", "tsne")
        self.cpp_info.set_property("cmake_target_name", "tsne::tsne")
        self.cpp_info.set_property("pkg_config_name", "tsne")
