import { z } from 'zod';

/** A rule that says nothing sensible. The message names each field and what it should be. */
export class FaultRuleError extends Error {}

const milliseconds = z
  .number()
  .min(0)
  .max(24 * 3_600_000);
const count = z.number().min(0).max(1_000_000_000);
const code = z.number().min(400).max(599);
const someText = z.string().min(1);
const someTexts = z.array(someText).min(1).readonly();

/** When a fault of a watch begins: at once unless an age or a number of events is told, then at the first that is reached. */
const start = { afterMs: milliseconds.optional(), afterEvents: count.optional() };

const matchSchema = z.strictObject({
  /** As RBAC names them: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  verbs: someTexts.optional(),
  /** `pods`, `deployments.apps`, `deployments.apps/scale`, `pods/*`; with `*` for any resource. */
  resources: someTexts.optional(),
  namespaces: someTexts.optional(),
  names: someTexts.optional(),
  /** User names. */
  users: someTexts.optional(),
  /** What a user agent begins with: `kubectl/`. */
  userAgents: someTexts.optional(),
});

const faultSchema = z.discriminatedUnion('kind', [
  /** Waits before the request is looked at. */
  z.strictObject({ kind: z.literal('delay'), delayMs: milliseconds, jitterMs: milliseconds.optional() }),
  /** Refuses: 429 as flow control does, all else with a Status. */
  z.strictObject({
    kind: z.literal('refuse'),
    code,
    retryAfterSeconds: z.number().min(0).max(86_400).optional(),
    reason: someText.optional(),
    message: someText.optional(),
  }),
  /** Cuts the connection: before the request was looked at, or after all was done but the answer. */
  z.strictObject({ kind: z.literal('drop'), when: z.enum(['before', 'after']) }),
  /** Cuts the connection in the middle of the answer. */
  z.strictObject({ kind: z.literal('truncate'), afterBytes: count }),
  /** Sends the answer slowly. */
  z.strictObject({ kind: z.literal('slow'), bytesPerSecond: z.number().min(1).max(1_000_000_000) }),
  /** Ends a watch: properly, or by cutting the connection. */
  z.strictObject({ kind: z.literal('dropWatch'), how: z.enum(['end', 'cut']), ...start }),
  /** Holds back all that a watch would send, and its end; sends it when the rule is removed. */
  z.strictObject({ kind: z.literal('silenceWatch'), ...start }),
  /** Ends a watch with an event of type ERROR; 410 Expired unless told. */
  z.strictObject({
    kind: z.literal('failWatch'),
    code: code.optional(),
    reason: someText.optional(),
    message: someText.optional(),
    ...start,
  }),
  /** Answers as if the past were compacted: watches and lists from a revision, pages that continue. */
  z.strictObject({ kind: z.literal('expire') }),
  /** Really forgets the past when a request comes, before it is answered. */
  z.strictObject({ kind: z.literal('compact') }),
  /** Sets the clock of the API server wrong, for all, as long as the rule is there. */
  z.strictObject({
    kind: z.literal('skewClock'),
    byMs: z.number().min(-3_155_760_000_000).max(3_155_760_000_000),
  }),
  /** Does what a mutating webhook does, without one. */
  z.strictObject({
    kind: z.literal('mutate'),
    /** The name by which refusals tell it. */
    webhook: someText,
    /** A container to put into new pods. */
    sidecar: z.strictObject({ name: someText, image: someText }).optional(),
    /** How many replicas workloads get, whatever is asked for. */
    replicas: z.number().min(0).max(1_000_000).optional(),
    delayMs: milliseconds.optional(),
    /** Why it denies the request. */
    denies: someText.optional(),
    /** Why it cannot be called. */
    fails: someText.optional(),
  }),
]);

const ruleSchema = z.strictObject({
  match: matchSchema.optional(),
  /** How many of a hundred requests that match meet the fault; all unless told. */
  percent: z.number().min(0).max(100).optional(),
  /** How many requests are let through before. */
  skip: count.optional(),
  /** How many meet it; no end unless told. */
  count: count.optional(),
  fault: faultSchema,
});

/** What goes wrong. */
export type Fault = z.infer<typeof faultSchema>;

/** One kind of fault. */
export type FaultOf<K extends Fault['kind']> = Extract<Fault, { readonly kind: K }>;

/** Which requests go wrong; all unless told. */
export type FaultMatch = z.infer<typeof matchSchema>;

/** What goes wrong and when. */
export type FaultRule = z.infer<typeof ruleSchema>;

/** Reads a rule, whatever it came as. Throws FaultRuleError. */
export function readFaultRule(value: unknown): FaultRule {
  const read = ruleSchema.safeParse(value);
  if (read.success) return read.data;
  const found = read.error.issues.map(({ path, message }) => `${['rule', ...path].join('.')}: ${message}`);
  throw new FaultRuleError(found.join('; '));
}
