import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import * as path from 'node:path'
import type { DeployerOptions } from '../ports.ts'
import { type InstallContext, type NpmSettings, npmInstall } from './npm.ts'
import type { LibrarySpec } from './spec.ts'

/** An installed library, held for one build. */
export interface Library {
  /** The folder with `node_modules`. */
  readonly dir: string
  /** The text of its package-lock.json. */
  readonly lock: string
  /** The build needs it no more. */
  release(): void
}

/** Where libraries are installed, and kept for the next deploy. */
export interface LibraryStore {
  /**
   * Installs a library, or finds it installed.
   * @param lock what an earlier deploy of the same library got; null resolves the versions anew
   * @throws BuildFailure `library_install_failed`
   */
  acquire(spec: LibrarySpec, lock: string | null, context: InstallContext): Promise<Library>
}

/** Installed libraries that are kept: the most recently used. */
const KEPT = 20
const LOCK = 'package-lock.json'

/** Creates the store of libraries below the data folder. */
export function createLibraryStore(options: Pick<DeployerOptions, 'config' | 'env'>): LibraryStore {
  const { config, env } = options
  const settings: NpmSettings = { registry: config.npmRegistry, caFile: config.buildCaFile, env }
  return new Libraries(path.join(config.dataDir, 'build'), settings)
}

class Libraries implements LibraryStore {
  readonly #kept: string
  readonly #temporary: string
  readonly #settings: NpmSettings
  /** How many builds hold each folder of `#kept`. */
  readonly #held = new Map<string, number>()
  #ready: Promise<void> | null = null

  constructor(root: string, settings: NpmSettings) {
    this.#kept = path.join(root, 'libraries')
    this.#temporary = path.join(root, 'tmp')
    this.#settings = settings
  }

  async acquire(spec: LibrarySpec, lock: string | null, context: InstallContext): Promise<Library> {
    this.#ready ??= this.#prepare().catch((error: unknown) => {
      this.#ready = null
      throw error
    })
    await this.#ready
    const manifest = JSON.stringify({ name: 'callback', private: true, ...spec })
    if (lock !== null) {
      const found = await this.#find(manifest, lock)
      if (found !== null) {
        context.log('The library is unchanged and installed already')
        return found
      }
    }
    const folder = path.join(this.#temporary, `${process.pid}-${randomUUID()}`)
    await mkdir(folder, { mode: 0o700 })
    try {
      await this.#install(folder, manifest, lock, context)
      const newLock = await readFile(path.join(folder, LOCK), 'utf8')
      return await this.#keep(folder, manifest, newLock)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #install(
    folder: string,
    manifest: string,
    lock: string | null,
    context: InstallContext,
  ): Promise<void> {
    await writeFile(path.join(folder, 'package.json'), manifest)
    if (lock !== null) await writeFile(path.join(folder, LOCK), lock)
    context.log(lock === null ? 'Installing the library' : 'Installing the library as it was locked')
    await npmInstall(folder, lock !== null, this.#settings, context)
    await rm(path.join(folder, '.npm'), { recursive: true, force: true })
  }

  /** Renaming is what makes it visible: a folder that is there is whole, whenever the gateway died. */
  async #keep(folder: string, manifest: string, lock: string): Promise<Library> {
    const key = keyOf(manifest, lock)
    // Held before it is there, so that no trim takes it in between.
    const library = this.#hold(key, lock)
    try {
      await rename(folder, library.dir)
    } catch (error) {
      // Another build of the same library was faster: its folder serves as well.
      if (!(await exists(library.dir))) {
        library.release()
        throw error
      }
    }
    await touch(library.dir)
    await this.#trim()
    return library
  }

  async #find(manifest: string, lock: string): Promise<Library | null> {
    const library = this.#hold(keyOf(manifest, lock), lock)
    if (await exists(library.dir)) {
      await touch(library.dir)
      return library
    }
    library.release()
    return null
  }

  #hold(key: string, lock: string): Library {
    this.#held.set(key, (this.#held.get(key) ?? 0) + 1)
    let released = false
    return {
      dir: path.join(this.#kept, key),
      lock,
      release: () => {
        if (released) return
        released = true
        const left = this.#held.get(key)! - 1
        if (left === 0) this.#held.delete(key)
        else this.#held.set(key, left)
      },
    }
  }

  async #trim(): Promise<void> {
    const names = await readdir(this.#kept)
    const aged = await Promise.all(
      names.map(async (name) => ({ name, used: await lastUsed(path.join(this.#kept, name)) })),
    )
    const surplus = aged.sort((a, b) => b.used - a.used).slice(KEPT)
    for (const { name } of surplus.filter((entry) => !this.#held.has(entry.name))) {
      // Out of sight in one step first: a half-deleted folder must never be found.
      const grave = path.join(this.#temporary, `${process.pid}-${randomUUID()}`)
      await rename(path.join(this.#kept, name), grave).catch(() => {})
      await rm(grave, { recursive: true, force: true })
    }
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#kept, { recursive: true, mode: 0o700 })
    await mkdir(this.#temporary, { recursive: true, mode: 0o700 })
    // What a gateway left behind that did not end in peace.
    for (const name of await readdir(this.#temporary)) {
      if (isOrphan(name)) await rm(path.join(this.#temporary, name), { recursive: true, force: true })
    }
  }
}

function keyOf(manifest: string, lock: string): string {
  return createHash('sha256').update(manifest).update('\0').update(lock).digest('hex')
}

/** Folders begin with the number of the process that works in them. */
function isOrphan(name: string): boolean {
  const pid = Number(name.split('-')[0])
  if (!Number.isSafeInteger(pid) || pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

async function exists(folder: string): Promise<boolean> {
  return (await lastUsed(folder)) > 0
}

async function lastUsed(folder: string): Promise<number> {
  try {
    return (await stat(folder)).mtimeMs
  } catch {
    return 0
  }
}

async function touch(folder: string): Promise<void> {
  const now = new Date()
  await utimes(folder, now, now).catch(() => {})
}
