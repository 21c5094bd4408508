// @slow
// @node
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { needing } from '../../support/skip.ts'
import { PYTHON } from './python-guest.ts'

const suiteOf = suite('the source of the Python guest')
const test = needing(suiteOf, PYTHON)

const folder = new URL('../../../runtimes/python/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.py'))

/** Parses with the grammar of 3.9, and looks for what only later ones can run. */
const CHECK = `
import ast, json, sys
problems = []
for path in sys.argv[1:]:
    tree = ast.parse(open(path, encoding="utf-8").read(), path, feature_version=(3, 9))
    name = path.rsplit("/", 1)[-1]
    if not ast.get_docstring(tree):
        problems.append(f"{name} has no docstring")
    deferred = any(isinstance(one, ast.ImportFrom) and one.module == "__future__" for one in tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            roots = [node.module.split(".")[0]]
        else:
            roots = []
        for root in roots:
            if root not in sys.stdlib_module_names and root != "faas_runner":
                problems.append(f"{name} imports {root}, which is not of the standard library")
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            untyped = [one.arg for one in arguments if one.annotation is None and one.arg not in ("self", "cls")]
            if untyped or (node.returns is None):
                problems.append(f"{name}:{node.lineno} {node.name} lacks types")
            if not deferred and name != "boot.py":
                problems.append(f"{name} evaluates its types")
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            inner = isinstance(node, ast.ClassDef) or node in tree.body
            if inner and not ast.get_docstring(node):
                problems.append(f"{name}:{node.lineno} {node.name} has no docstring")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip":
            problems += [f"{name}:{node.lineno} zip has strict since 3.10" for one in node.keywords]
print(json.dumps(problems))
`

test('runs on Python 3.9: grammar, the standard library alone; documented and typed', () => {
  const paths = files.map((name) => new URL(name, folder).pathname)
  const { stdout, stderr, status } = spawnSync('python3', ['-c', CHECK, ...paths], { encoding: 'utf8' })
  assert.is(status, 0, stderr)
  assert.equal(JSON.parse(stdout), [])
})

test('its lines are as long as ours', () => {
  const long = files.flatMap((name) =>
    readFileSync(new URL(name, folder), 'utf8')
      .split('\n')
      .filter((line) => line.length > 120)
      .map((line) => `${name}: ${line}`),
  )
  assert.equal(long, [])
})

suiteOf.run()
