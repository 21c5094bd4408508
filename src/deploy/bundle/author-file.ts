/** What the author's one file is called in every message, stack and map. */
export const AUTHOR_FILE = 'callback.ts'
/** The namespace of files that exist in memory only. */
export const AUTHOR_NAMESPACE = 'callback'
