"""Writes a project with four wheels of the shape of PySide6's: two large ones with nearly everything, two small ones.

    python3 bench/wheels.py PROJECT MEGABYTES FOLDER

MEGABYTES is the size unpacked (418 as PySide6 6.7). What is in the wheels are the files of FOLDER, the .NET SDK: programs, libraries and texts that
compress as such things do. One file in five is removed by the spec again, as tools and translations are.
"""

import base64
import hashlib
import os
import sys
import threading
import zipfile

SHARES = {"four_addons": 0.545, "four_essentials": 0.45, "four": 0.004, "four_shiboken": 0.001}
SPEC = """# The installer of "dotnet release rpm", or else pip.
%{!?wheel_install:%global wheel_install python3 -m pip install --no-index --no-deps --ignore-installed --no-compile --no-cache-dir --no-warn-script-location --disable-pip-version-check --root %%{buildroot} --prefix %%{_prefix}}
%global debug_package %{nil}
%global __os_install_post %{nil}
%global __provides_exclude_from ^%{python3_sitearch}/.*$
%global __requires_exclude_from ^%{python3_sitearch}/.*$
Name: four
Version: 1.0
Release: 1
Summary: Four wheels
License: MIT
@SOURCES@
BuildRequires: python3-devel
BuildRequires: python3-pip
%description
Four wheels.
%install
%wheel_install %{SOURCE0} %{SOURCE1} %{SOURCE2} %{SOURCE3}
rm -rf %{buildroot}%{python3_sitearch}/*/removed
rm -f %{buildroot}%{python3_sitearch}/*.dist-info/{RECORD,REQUESTED,direct_url.json}
echo rpm | tee %{buildroot}%{python3_sitearch}/*.dist-info/INSTALLER > /dev/null
%files
%{python3_sitearch}/*
%changelog
* Thu Jan 15 2026 Bench <bench@example.org> - 1.0-1
- First package
"""
SETTINGS = """[project]
name = "four"
lockfiles = ["poetry.lock"]
[[rpm]]
name = "four"
spec = "rpm-specs/four/four.spec"
follows = ["four", "four-addons", "four-essentials", "four-shiboken"]
version-of = "four"
targets = ["local"]
[sources]
index = "file:./index"
[target.local]
image = "rootfs:distro.tar"
"""


def choose(folder, size):
    """Files of the folder, always the same ones in the same order, until the size is reached."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            if size <= 0:
                return
            if os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path) > 4096:
                size -= os.path.getsize(path)
                yield path


def write(project, name, files):
    info, record = name + "-1.0.dist-info", []
    path = "%s/index/%s/%s-1.0-cp39-abi3-manylinux_2_28_x86_64.whl" % (project, name.replace("_", "-"), name)
    os.makedirs(os.path.dirname(path))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        def add(member, content):
            entry = zipfile.ZipInfo(member, (2024, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, content, zipfile.ZIP_DEFLATED)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append("%s,sha256=%s,%d\n" % (member, digest, len(content)))

        for index, each in enumerate(files):
            with open(each, "rb") as file:
                add("%s/%s/%d-%s" % (name, "removed" if index % 5 == 4 else "kept", index, os.path.basename(each)), file.read())
        add(name + "/__init__.py", b"")
        add(info + "/METADATA", ("Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n" % name).encode())
        add(info + "/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp39-abi3-manylinux_2_28_x86_64\n")
        wheel.writestr(zipfile.ZipInfo(info + "/RECORD", (2024, 1, 1, 0, 0, 0)), "".join(record) + info + "/RECORD,,\n")


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def main(project, megabytes, folder):
    files = list(choose(folder, int(megabytes) * 1000000))
    total, threads = sum(map(os.path.getsize, files)), []
    for name, share in SHARES.items():
        part, rest = [], total * share
        while files and rest > 0:
            rest -= os.path.getsize(files[-1])
            part.append(files.pop())
        threads.append(threading.Thread(target=write, args=(project, name, part)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lock, sources = "", []
    for index, name in enumerate(SHARES):
        package = name.replace("_", "-")
        wheel = os.listdir("%s/index/%s" % (project, package))[0]
        with open("%s/index/%s/%s" % (project, package, wheel), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        put("%s/index/%s/index.html" % (project, package), '<a href="%s#sha256=%s">%s</a>\n' % (wheel, digest, wheel))
        sources.append("Source%d: %s" % (index, wheel))
        lock += '[[package]]\nname = "%s"\nversion = "1.0"\ndescription = ""\noptional = false\npython-versions = ">=3.9"\n' % package
        lock += 'files = [\n    {file = "%s", hash = "sha256:%s"},\n]\n\n' % (wheel, digest)
    put(project + "/poetry.lock", lock + '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.9"\ncontent-hash = "%s"\n' % digest)
    put(project + "/rpm-specs/four/four.spec", SPEC.replace("@SOURCES@", "\n".join(sources)))
    put(project + "/release.toml", SETTINGS)


main(*sys.argv[1:])
