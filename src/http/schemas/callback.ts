import * as v from 'valibot'
import { CALLBACK_STATUSES, METHODS } from '../../domain/callback.ts'
import { parseRoutePath } from '../../domain/route.ts'
import { C_TYPES, LANGUAGES } from '../../domain/runtime-name.ts'
import { fields, filledText, flag, id, oneOf, text, time } from './base.ts'
import { EnvInput, EnvView } from './env.ts'
import { LimitsInput, LimitsView } from './limits.ts'

const MAX_CODE = 8_388_608
const MAX_LIBRARY = 1_048_576
const MAX_PATH = 4096
export const RESPONSE_MODES = ['proxy', 'envelope'] as const

const path = v.pipe(
  v.string('must be text'),
  v.maxLength(MAX_PATH, `must have at most ${MAX_PATH} characters`),
  v.check(
    (value) => !value.includes('\0') && value.isWellFormed(),
    'must not have a NUL character or half of a surrogate pair',
  ),
  v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseRoutePath(dataset.value)
    if ('path' in parsed) return parsed.path
    addIssue({ message: parsed.problem })
    return NEVER
  }),
  v.description('Route under /api/, with or without a leading slash; `:name` parameters, a last `*`'),
  v.examples(['hello', 'users/:id', 'files/*']),
)
const method = v.pipe(oneOf(METHODS), v.description('`ANY` takes every method that no other callback has'))
const type = v.pipe(oneOf(LANGUAGES), v.description('`node`: JavaScript or TypeScript'))
const code = v.pipe(filledText(MAX_CODE), v.description('The source of the function'))
const library = v.pipe(
  v.nullable(text(MAX_LIBRARY)),
  v.description('The text of a package.json (node) or of a requirements.txt (python)'),
)
const chat_id = v.pipe(v.nullable(id()), v.description('The chatroom that produced the callback'))
const response_mode = v.pipe(
  oneOf(RESPONSE_MODES),
  v.description('`envelope`: always HTTP 200 with `{lambdaStatusCode, body}`'),
)

/** The body of POST /callbacks. */
export const CallbackCreate = fields({
  path,
  method,
  type,
  code,
  library: v.optional(library, null),
  env: v.optional(EnvInput, {}),
  chat_id: v.optional(chat_id, null),
  limits: v.optional(LimitsInput, {}),
  response_mode: v.optional(response_mode, 'proxy'),
})
export type CallbackCreate = v.InferOutput<typeof CallbackCreate>

/** The body of PUT /callbacks/{id}: what is left out stays as it is. */
export const CallbackUpdate = fields({
  path: v.exactOptional(path),
  method: v.exactOptional(method),
  type: v.exactOptional(type),
  code: v.exactOptional(code),
  library: v.exactOptional(library),
  env: v.exactOptional(EnvInput),
  chat_id: v.exactOptional(chat_id),
  limits: v.exactOptional(LimitsInput),
  response_mode: v.exactOptional(response_mode),
})

const viewed = {
  callback_id: id(),
  path: v.string(),
  method: v.picklist(METHODS),
  type: v.picklist(LANGUAGES),
  library: v.nullable(v.string()),
  env: EnvView,
  c_type: v.pipe(v.nullable(v.picklist(C_TYPES)), v.description('What the last deploy asked for')),
  status: v.picklist(CALLBACK_STATUSES),
  version: v.pipe(v.nullable(id()), v.description('The deployment that serves now; null when none does')),
  chat_id: v.nullable(id()),
  limits: LimitsView,
  response_mode: v.picklist(RESPONSE_MODES),
  created_at: time(),
  updated_at: time(),
}

/** A callback in an answer: without its code. */
export const CallbackView = v.strictObject(viewed)
export type CallbackView = v.InferOutput<typeof CallbackView>

/** A callback in the answer of GET /callbacks/{id}: with its code. */
export const CallbackDetail = v.strictObject({ ...viewed, code: v.string() })

/** The body of POST /deploy. */
export const DeployRequest = fields({
  callback_id: id(),
  status: v.pipe(flag(), v.description('true deploys, false undeploys')),
  c_type: v.optional(
    v.pipe(oneOf(C_TYPES), v.description('Where to run it; `auto` takes the first that can')),
    'auto',
  ),
})
