"""Installs wheels below a build root, for the macro %wheel_install. Needs Python 3.6 and nothing else; starts no pip.

    python3 wheel_install.py --root BUILDROOT --prefix /usr WHEEL...

Files go where the Python that runs this has them, as pip asks it too. What the result holds is in docs/wheels.md.
"""

import base64
import csv
import hashlib
import io
import os
import stat
import sys
import sysconfig
import threading
import zipfile

# Threads pay from here on, in unpacked bytes.
WORTH_THREADS = 8 * 1024 * 1024
SCRIPT = """#!{python}
import sys
from {module} import {name}
if __name__ == "__main__":
    sys.exit({call}())
"""


class Refused(Exception):
    """What is wrong with a wheel, for its user."""


class Wheel:
    """An opened wheel: its members, and where each goes."""

    def __init__(self, path, root, prefix):
        self.path, self.root = path, root
        self.archive = zipfile.ZipFile(path)
        self.members = [member for member in self.archive.infolist() if not member.filename.endswith("/")]
        self.info = self.find_info()
        self.paths = scheme(prefix, self.read_name())
        self.library = self.paths["purelib" if self.is_pure() else "platlib"]
        self.entries = self.read_entries()
        self.rows = self.read_record()

    def find_info(self):
        folders = {name.split("/")[0] for name in (member.filename for member in self.members) if name.split("/")[0].endswith(".dist-info")}
        wanted = os.path.basename(self.path).split("-")[0]
        if len(folders) != 1:
            raise Refused("has %d folders with the name *.dist-info, and not one" % len(folders))
        info = folders.pop()
        if canonical(info.split("-")[0]) != canonical(wanted):
            raise Refused("holds %s, which is not %s" % (info, wanted))
        return info

    def read(self, name):
        try:
            return self.archive.read(self.info + "/" + name).decode("utf-8")
        except KeyError:
            return None

    def fields(self, name):
        found = {}
        for line in (self.read(name) or "").splitlines():
            if not line:
                break
            key, colon, value = line.partition(":")
            found.setdefault(key.strip().lower(), value.strip())
        return found

    def read_name(self):
        return self.fields("METADATA").get("name") or self.info.split("-")[0]

    def is_pure(self):
        fields = self.fields("WHEEL")
        version = fields.get("wheel-version", "")
        if version.split(".")[0] != "1":
            raise Refused("is of version '%s' of the format; known is 1" % version)
        return fields.get("root-is-purelib", "").lower() == "true"

    def read_entries(self):
        """The programs of entry_points.txt: name -> (module, attributes)."""
        found, section = {}, ""
        for line in (self.read("entry_points.txt") or "").splitlines():
            line = line.strip()
            if line.startswith("["):
                section = line.strip("[]").strip()
            elif section in ("console_scripts", "gui_scripts") and line and line[0] not in "#;":
                name, _, target = (part.strip() for part in line.partition("="))
                module, _, attributes = (part.strip() for part in target.split("[")[0].partition(":"))
                words = module.split(".") + attributes.split(".")
                if not name or "/" in name or name.startswith(".") or not all(word.isidentifier() for word in words):
                    raise Refused("has the entry point '%s', which names no program" % line)
                found[name] = (module, attributes)
        return found

    def read_record(self):
        rows = {}
        for row in csv.reader(io.StringIO(self.read("RECORD") or "")):
            if len(row) == 3:
                rows[row[0]] = (row[1], row[2])
        return rows

    def place(self, name):
        """Where a member goes, without the build root; None: nowhere."""
        parts = name.split("/")
        if name.startswith("/") or "\\" in name or "\0" in name or any(part in ("", ".", "..") for part in parts):
            raise Refused("has the member '%s', which is no path below a folder" % name)
        if not parts[0].endswith(".data"):
            return os.path.join(self.library, *parts)
        if parts[0] != self.info[: -len(".dist-info")] + ".data" or len(parts) < 3 or parts[1] not in self.paths:
            raise Refused("has the member '%s', and nobody knows where that goes" % name)
        if parts[1] == "scripts" and parts[-1] in self.entries:
            return None
        return os.path.join(self.paths[parts[1]], *parts[2:])

    def install(self):
        jobs, record = [], []
        own = {self.info + "/" + name for name in ("RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json")}
        for member in self.members:
            path = None if member.filename in own else self.place(member.filename)
            if path is not None:
                jobs.append((member, path, member.filename.split("/")[:2] == [self.info[: -len(".dist-info")] + ".data", "scripts"]))
        if len({path for _, path, _ in jobs}) < len(jobs):
            raise Refused("has two members for one file")
        for folder in sorted({os.path.dirname(path) for _, path, _ in jobs}):
            os.makedirs(self.root + folder, exist_ok=True)
        self.unpack(jobs, record)
        for name, (module, attributes) in self.entries.items():
            text = SCRIPT.format(python=sys.executable, module=module, name=attributes.split(".")[0], call=attributes)
            record.append(self.write(os.path.join(self.paths["scripts"], name), text.encode("utf-8"), 0o755))
        info = os.path.join(self.library, self.info)
        record.append(self.write(os.path.join(info, "INSTALLER"), b"rpm\n", 0o644))
        record.append(self.write(os.path.join(info, "REQUESTED"), b"", 0o644))
        self.write_record(os.path.join(info, "RECORD"), record)

    def unpack(self, jobs, record):
        if sum(member.file_size for member, _, _ in jobs) < WORTH_THREADS:
            record.extend(self.copy(self.archive, job) for job in jobs)
            return

        # zlib lets go of the interpreter while it works, so that threads are worth it. Each has an archive of its own.
        jobs = sorted(jobs, key=lambda job: job[0].file_size)
        failures = []

        def work():
            try:
                with zipfile.ZipFile(self.path) as archive:
                    while not failures:
                        record.append(self.copy(archive, jobs.pop()))
            except IndexError:
                pass
            except Exception as ex:
                failures.append(ex)

        threads = [threading.Thread(target=work) for _ in os.sched_getaffinity(0)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    def copy(self, archive, job):
        """Writes one member and gives its line of RECORD."""
        member, path, is_script = job
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise Refused("has the member '%s', which is no ordinary file" % member.filename)
        if is_script:
            return self.write(path, own_python(archive.read(member)), 0o755)
        target = os.open(self.fresh(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755 if stat.S_ISREG(mode) and mode & 0o111 else 0o644)
        digest = None if member.filename in self.rows else hashlib.sha256()
        with os.fdopen(target, "wb", 0) as file, archive.open(member) as content:
            for block in iter(lambda: content.read(1 << 20), b""):
                file.write(block)
                if digest is not None:
                    digest.update(block)
        return (self.relative(path),) + (self.rows[member.filename] if digest is None else (text_of(digest), str(member.file_size)))

    def write(self, path, content, mode):
        os.makedirs(self.root + os.path.dirname(path), exist_ok=True)
        target = os.open(self.fresh(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(target, "wb") as file:
            file.write(content)
        return (self.relative(path), text_of(hashlib.sha256(content)), str(len(content)))

    def fresh(self, path):
        """The path in the build root. What another wheel brought there is replaced, as pip does."""
        path = self.root + path
        if os.path.lexists(path):
            os.unlink(path)
        return path

    def relative(self, path):
        return os.path.relpath(path, self.library)

    def write_record(self, path, rows):
        text = io.StringIO()
        csv.writer(text).writerows(sorted(rows + [(self.relative(path), "", "")]))
        self.write(path, text.getvalue().encode("utf-8"), 0o644)


def scheme(prefix, name):
    """Where this Python has its files: the kinds that wheels know."""
    preferred = sysconfig.get_preferred_scheme("prefix") if hasattr(sysconfig, "get_preferred_scheme") else "posix_prefix"
    bases = ("installed_base", "base", "installed_platbase", "platbase", "prefix", "exec_prefix")
    paths = sysconfig.get_paths(preferred, vars={base: prefix for base in bases})
    return {
        "purelib": paths["purelib"],
        "platlib": paths["platlib"],
        "scripts": paths["scripts"],
        "data": paths["data"],
        "headers": os.path.join(paths["include"], name),
    }


def canonical(name):
    """PEP 503, as far as a file name has what it is about."""
    return name.lower().replace("_", "-").replace(".", "-")


def own_python(script):
    """A script of a wheel says "#!python": which one is known only now. Arguments are left out, as pip leaves them out."""
    if not script.startswith(b"#!python"):
        return script
    return b"#!" + os.fsencode(sys.executable) + b"\n" + script.partition(b"\n")[2]


def text_of(digest):
    return "sha256=" + base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode("ascii")


def main(arguments):
    root = prefix = None
    wheels = []
    words = iter(arguments)
    for word in words:
        if word == "--root":
            root = next(words)
        elif word == "--prefix":
            prefix = next(words)
        else:
            wheels.append(word)
    if not root or not prefix or not wheels:
        sys.exit("usage: wheel_install.py --root BUILDROOT --prefix PREFIX WHEEL...")
    os.umask(0o022)
    for path in wheels:
        try:
            Wheel(path, root.rstrip("/"), prefix).install()
        except (Refused, OSError, zipfile.BadZipFile, UnicodeDecodeError) as ex:
            sys.exit("wheel_install: %s: %s" % (os.path.basename(path), ex))


main(sys.argv[1:])
