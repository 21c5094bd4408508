const NOBODY = 65_534

/** Gives up root for good where the process has it; everything the host needs is loaded by now. */
export function dropPrivileges(): void {
  if (process.getuid?.() !== 0) return
  process.setgroups?.([])
  process.setgid?.(NOBODY)
  process.setuid?.(NOBODY)
}
