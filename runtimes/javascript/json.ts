const stringify = JSON.stringify
const { isArray, prototype: arrays } = Array
const { keys, prototype: objects } = Object
const { has } = Reflect

/**
 * JSON of plain data of our own. `JSON.stringify` asks each object and array for a `toJSON`, and the author's code may
 * have given one to all of them: then it is done by hand, at three times the price.
 */
export function plainJson(value: unknown): string {
  return has(arrays, 'toJSON') || has(objects, 'toJSON') ? byHand(value) : (stringify(value) ?? 'null')
}

function byHand(value: unknown): string {
  if (typeof value !== 'object' || value === null) return stringify(value) ?? 'null'
  let text = ''
  if (isArray(value)) {
    for (let index = 0; index < value.length; index++)
      text += index === 0 ? byHand(value[index]) : `,${byHand(value[index])}`
    return `[${text}]`
  }
  const names = keys(value)
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!
    const member = (value as Record<string, unknown>)[name]
    if (member === undefined) continue
    text += `${text === '' ? '' : ','}${stringify(name)}:${byHand(member)}`
  }
  return `{${text}}`
}
