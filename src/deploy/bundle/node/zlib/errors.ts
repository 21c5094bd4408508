function zlibError(message: string, code: string, errno: number): Error {
  return Object.assign(new Error(message), { code, errno })
}

/** The input is no such stream. */
export function dataError(message: string): Error {
  return zlibError(message, 'Z_DATA_ERROR', -3)
}

/** The input ends before its stream does. */
export function bufferError(): Error {
  return zlibError('unexpected end of file', 'Z_BUF_ERROR', -5)
}

/** The output would be longer than the caller wants. */
export function tooLarge(max: number): RangeError {
  const error = new RangeError(`Cannot create a Buffer larger than ${max} bytes`)
  return Object.assign(error, { code: 'ERR_BUFFER_TOO_LARGE' })
}
