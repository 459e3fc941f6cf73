"""README's program against the package."""

import re
from pathlib import Path

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout

README = Path(__file__).resolve().parents[3] / "README.md"


class Test(ConanFile):
    """Built with CMake, and run."""

    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps", "CMakeToolchain", "VirtualRunEnv"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def build(self):
        program = re.search(r"^```c\n(.*?)^```", README.read_text(), re.S | re.M)[1]
        Path(self.build_folder, "fit.c").write_text(program)
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def test(self):
        if can_run(self):
            self.run(f"{self.build_folder}/fit", env="conanrun")
