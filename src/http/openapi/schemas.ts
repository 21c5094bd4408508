import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import * as callback from '../schemas/callback.ts'
import * as chatroom from '../schemas/chatroom.ts'
import * as limits from '../schemas/limits.ts'
import * as records from '../schemas/records.ts'
import * as system from '../schemas/system.ts'

/** Schemas that the document names once and refers to. */
const NAMED: Readonly<Record<string, GenericSchema>> = {
  Callback: callback.CallbackView,
  CallbackDetail: callback.CallbackDetail,
  CallbackCreate: callback.CallbackCreate,
  CallbackUpdate: callback.CallbackUpdate,
  DeployRequest: callback.DeployRequest,
  Limits: limits.LimitsView,
  LimitsInput: limits.LimitsInput,
  Chatroom: chatroom.ChatroomView,
  ChatroomCreate: chatroom.ChatroomCreate,
  ChatroomUpdate: chatroom.ChatroomUpdate,
  Chat: chatroom.ChatView,
  ChatCreate: chatroom.ChatCreate,
  Deployment: records.DeploymentView,
  BuildError: records.BuildErrorView,
  LogLine: records.LogView,
  Invocation: records.InvocationView,
  Instance: records.InstanceView,
  InstanceExit: records.ExitView,
  Instances: records.InstancesView,
  Message: system.MessageView,
  Health: system.HealthView,
  Ready: system.ReadyView,
  Part: system.PartView,
  DeployMessage: system.DeployMessageView,
  Problem: system.ProblemView,
}

/** A JSON Schema, as far as this document looks into one. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly [keyword: string]: unknown
}

// The description is of what goes over the wire, so rules that JSON Schema cannot say are left to the 422.
const CONFIG: ConversionConfig = {
  target: 'draft-2020-12',
  typeMode: 'output',
  ignoreActions: ['check', 'raw_check', 'raw_transform', 'transform'],
  overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'custom' ? {} : undefined),
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
}

/** The named schemas, for `components`. */
export function namedSchemas(): Record<string, JsonSchema> {
  return toJsonSchemaDefs(NAMED as Parameters<typeof toJsonSchemaDefs>[0], CONFIG) as unknown as Record<
    string,
    JsonSchema
  >
}

/** One schema, with references to the named ones. */
export function schemaOf(schema: GenericSchema): JsonSchema {
  const definitions = NAMED as NonNullable<ConversionConfig['definitions']>
  const config = { ...CONFIG, definitions }
  const { $schema, $defs, ...rest } = toJsonSchema(schema as Parameters<typeof toJsonSchema>[0], config)
  return rest as unknown as JsonSchema
}
