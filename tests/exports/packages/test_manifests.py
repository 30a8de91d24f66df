"""Manifests and lock files of each ecosystem: which packages they name, and how surely."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.exports._json import JsonError
from auditkit.exports.packages import compiled, npm, pypi, zips
from auditkit.exports.packages.purls import canonical_purl, purl_of
from auditkit.inventory.evidence.packages import Found

INSTALLED, LOCKED, DECLARED = Found.INSTALLED, Found.LOCKED, Found.DECLARED
BUILD_INFO = (
    b"\x00" * 64
    + compiled._GO_START
    + b"path\tcmd/app\nmod\texample.com/app\t(devel)\t\n"
    + b"dep\tgithub.com/aws/aws-lambda-go\tv1.47.0\th1:x=\n"
    + b"dep\tgithub.com/old/name\tv1.0.0\n=>\tgithub.com/fork/name\tv1.0.1\th1:y=\nbuild\t-compiler=gc\n"
    + compiled._GO_END
    + b"\x00" * 64
)


@pytest.mark.parametrize(
    ("parser", "path", "text", "found"),
    [
        (
            npm.package_json,
            "node_modules/@scope/left/package.json",
            '{"name": "@scope/left", "version": "1.0.0", "dependencies": {"x": "1"}}',
            {("npm", "@scope/left", "1.0.0", INSTALLED, "")},
        ),
        (
            npm.package_json,
            "a/node_modules/b/node_modules/c/package.json",
            '{"name": "c", "version": "2.0.0"}',
            {("npm", "c", "2.0.0", INSTALLED, "")},
        ),
        (npm.package_json, "node_modules/c/dist/package.json", '{"name": "c/dist", "version": "1"}', set()),
        (
            npm.package_json,
            "package.json",
            '{"name": "app", "version": "1", "dependencies": {"left": "^1.0.0"}, "devDependencies": {"jest": "1"}}',
            {("npm", "left", "", DECLARED, "^1.0.0")},
        ),
        (
            npm.npm_lock,
            "package-lock.json",
            """{"lockfileVersion": 3, "packages": {"": {"name": "app", "version": "1"},
            "node_modules/left": {"version": "1.2.3"}, "node_modules/jest": {"version": "9", "dev": true},
            "node_modules/a/node_modules/@s/b": {"version": "2.0.0"}, "node_modules/l": {"link": true}}}""",
            {("npm", "left", "1.2.3", LOCKED, ""), ("npm", "@s/b", "2.0.0", LOCKED, "")},
        ),
        (
            npm.npm_lock,
            "package-lock.json",
            '{"dependencies": {"a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}}}}',
            {("npm", "a", "1.0.0", LOCKED, ""), ("npm", "b", "2.0.0", LOCKED, "")},
        ),
        (
            npm.yarn_lock,
            "yarn.lock",
            (
                '# yarn lockfile v1\n\n"@s/a@^1.0.0", "@s/a@~1.1":\n  version "1.1.2"\n  dependencies:\n    b "^2"\n\n'
                'b@^2:\n  version "2.0.1"\n'
            ),
            {("npm", "@s/a", "1.1.2", LOCKED, ""), ("npm", "b", "2.0.1", LOCKED, "")},
        ),
        (
            npm.yarn_lock,
            "yarn.lock",
            (
                '__metadata:\n  version: 6\n\n"b@npm:^2":\n'
                '  version: 2.0.1\n\n"app@workspace:.":\n  version: 0.0.0-use.local\n'
            ),
            {("npm", "b", "2.0.1", LOCKED, "")},
        ),
        (
            npm.pnpm_lock,
            "pnpm-lock.yaml",
            (
                "lockfileVersion: '9.0'\n\npackages:\n\n  '@s/a@1.1.2':\n    resolution: {integrity: x}\n\n"
                "  b@2.0.1(c@1.0.0):\n"
                "    dev: false\n\n  /d/3.0.0:\n    dev: false\n\nsnapshots:\n\n  z@1.0.0: {}\n"
            ),
            {
                ("npm", "@s/a", "1.1.2", LOCKED, ""),
                ("npm", "b", "2.0.1", LOCKED, ""),
                ("npm", "d", "3.0.0", LOCKED, ""),
            },
        ),
        (
            pypi.metadata,
            "requests-2.32.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: requests\nVersion: 2.32.0\n\nName: other\n",
            {("pypi", "requests", "2.32.0", INSTALLED, "")},
        ),
        (
            pypi.requirements,
            "requirements.txt",
            (
                "# comment\nrequests==2.32.0 --hash=sha256:x\nboto3>=1.3,<2 ; python_version < '4'\n"
                "flask[async] == 3.0\n"
                "-r other.txt\n--index-url https://x\n./local\n"
                "git+https://github.com/a/b\nname @ https://x/y.zip\nsix\n"
            ),
            {
                ("pypi", "requests", "2.32.0", DECLARED, "==2.32.0"),
                ("pypi", "boto3", "", DECLARED, ">=1.3,<2"),
                ("pypi", "flask", "3.0", DECLARED, "== 3.0"),
                ("pypi", "six", "", DECLARED, ""),
            },
        ),
        (
            pypi.pipfile_lock,
            "Pipfile.lock",
            (
                '{"default": {"requests": {"version": "==2.32.0"}, '
                '"x": {"path": "."}}, "develop": {"pytest": {"version": "==8"}}}'
            ),
            {("pypi", "requests", "2.32.0", LOCKED, "")},
        ),
        (
            pypi.toml_lock,
            "poetry.lock",
            (
                '[[package]]\nname = "requests"\nversion = "2.32.0"\n\n[package.dependencies]\n'
                'name = "x"\nversion = "1"\n\n'
                '[[package]]\nname = "six"\nversion = "1.16.0"\n[metadata]\nname = "y"\nversion = "2"\n'
            ),
            {("pypi", "requests", "2.32.0", LOCKED, ""), ("pypi", "six", "1.16.0", LOCKED, "")},
        ),
        (
            compiled.pom_properties,
            "META-INF/maven/g/a/pom.properties",
            "#Generated\ngroupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n",
            {("maven", "org.apache.logging.log4j:log4j-core", "2.14.1", INSTALLED, "")},
        ),
        (
            compiled.go_mod,
            "go.mod",
            (
                "module example.com/app\n\ngo 1.22\n\nrequire github.com/a/b v1.2.3\n\n"
                "require (\n\tgithub.com/c/d/v2 v2.0.0 // indirect\n)\n"
                "exclude github.com/x/y v1.0.0\n"
            ),
            {("golang", "github.com/a/b", "v1.2.3", LOCKED, ""), ("golang", "github.com/c/d/v2", "v2.0.0", LOCKED, "")},
        ),
        (
            compiled.go_binary,
            "bootstrap",
            BUILD_INFO,
            {
                ("golang", "github.com/aws/aws-lambda-go", "v1.47.0", INSTALLED, ""),
                ("golang", "github.com/fork/name", "v1.0.1", INSTALLED, ""),
            },
        ),
        (compiled.go_binary, "bootstrap", b"\x7fELF" + b"x" * 99, set()),
        (
            compiled.gemfile_lock,
            "Gemfile.lock",
            (
                "GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (2.2.8)\n"
                "      webrick (>= 1)\n    nokogiri (1.15.4-x86_64-linux)\n\n"
                "PLATFORMS\n    ruby (1.0)\n"
            ),
            {("gem", "rack", "2.2.8", LOCKED, ""), ("gem", "nokogiri", "1.15.4", LOCKED, "")},
        ),
        (
            compiled.gemspec,
            "vendor/bundle/ruby/3.2.0/specifications/aws-sdk-core-3.190.0.gemspec",
            "anything",
            {("gem", "aws-sdk-core", "3.190.0", INSTALLED, "")},
        ),
        (
            compiled.deps_json,
            "App.deps.json",
            '{"libraries": {"App/1.0.0": {"type": "project"}, "Newtonsoft.Json/12.0.3": {"type": "package"}}}',
            {("nuget", "Newtonsoft.Json", "12.0.3", INSTALLED, "")},
        ),
        (
            compiled.nuget_lock,
            "packages.lock.json",
            '{"version": 1, "dependencies": {"net8.0": {"Dapper": {"type": "Direct", "resolved": "2.1.0"}}}}',
            {("nuget", "Dapper", "2.1.0", LOCKED, "")},
        ),
    ],
)
def test_packages_of_a_file(parser, path, text, found):
    assert {tuple(one) for one in parser(path, text if isinstance(text, bytes) else text.encode())} == found


@pytest.mark.parametrize(
    ("ecosystem", "name", "version", "purl"),
    [
        ("npm", "@scope/left", "1.0.0", "pkg:npm/%40scope/left@1.0.0"),
        ("pypi", "Foo_Bar", "1.0", "pkg:pypi/foo-bar@1.0"),
        ("maven", "g.h:a", "1", "pkg:maven/g.h/a@1"),
        ("golang", "github.com/a/b", "v1", "pkg:golang/github.com/a/b@v1"),
        ("npm", "left", "", "pkg:npm/left"),
        ("npm", "", "1", ""),
        ("npm", "a\x1b[31m", "1", ""),
        ("npm", "a" * 600, "1", ""),
    ],
)
def test_package_urls(ecosystem, name, version, purl):
    assert purl_of(ecosystem, name, version) == purl
    assert canonical_purl(purl) == purl


def test_qualifiers_are_dropped():
    assert canonical_purl("pkg:npm/left@1?vcs_url=https://u:p@x#sub") == "pkg:npm/left@1"


@pytest.mark.parametrize("text", [None, 1, "", "pkg:", "npm/left", "pkg:npm", "pkg:npm/\x00"])
def test_what_is_no_package_url(text):
    assert canonical_purl(text) == ""


PARSERS = sorted({*zips._BY_NAME.values(), *(parser for _, parser in zips._BY_PATTERN), compiled.go_binary}, key=repr)
LINES = [
    "packages:",
    "  a@1.0.0:",
    '"b@^1":',
    '  version "1"',
    "[[package]]",
    'name = "x"',
    'version = "1"',
    "GEM",
    "    r (1)",
    "require (",
    "\n\tgithub.com/a/b v1",
    ")",
    "Name: x",
    "Version:",
    "groupId=a",
    "artifactId=b",
    "x==1",
    "{",
    '{"packages": 1}',
    '{"packages": {"node_modules/a": []}}',
    '\n{"dependencies": [1]}',
    '{"libraries": {"/": {}}}',
    "\x00",
    "=>\ta\tb",
]
lines = st.lists(st.sampled_from(LINES), max_size=8)


@given(
    st.sampled_from(PARSERS), lines.map("\n".join) | st.text(max_size=60), st.sampled_from(["package.json", "@/x", ""])
)
def test_no_text_breaks_a_parser(parser, text, path):
    data = text.encode("utf-8", "surrogatepass")
    if parser is compiled.go_binary:
        data = compiled._GO_START + data + compiled._GO_END
    try:
        found = list(parser(path, data))
    except JsonError:
        return
    for one in found:
        purl_of(one.ecosystem, one.name, one.version)
