import type { JsonObject } from '@meridian/manifests';

/** When a check is made: `healthy` only while the application is Synced and Healthy at the generation that brought the check. */
export const checkTimes = ['healthy', 'always'] as const;

interface AnyCheck {
  /** Unique in its assignment; grammar of a DNS label. */
  readonly id: string;
  readonly when: (typeof checkTimes)[number];
}

/** A number that the agent asks a metrics source of its own cluster for, again and again. */
export interface MetricCheck extends AnyCheck {
  readonly kind: 'metric';
  /** Name that the agent's administrator gave the source; a hub never chooses an address. */
  readonly source: string;
  /** PromQL with every placeholder filled in. */
  readonly query: string;
  readonly intervalMs: number;
}

/** A Job that the agent runs once in the application's namespace, by the rights of the application. */
export interface JobCheck extends AnyCheck {
  readonly kind: 'job';
  /** `spec` of a batch/v1 Job; the agent judges what is in it. */
  readonly spec: JsonObject;
  readonly timeoutMs: number;
}

/** What an agent looks at for a gate of a rollout. It reports what it saw and decides nothing. */
export type Check = MetricCheck | JobCheck;

/** Bounds of checks. */
export const checkLimits = {
  perAssignment: 16,
  /** Of a query, in UTF-16 units. */
  queryChars: 4_000,
  minIntervalMs: 10_000,
  maxIntervalMs: 3_600_000,
  minTimeoutMs: 1_000,
  maxTimeoutMs: 86_400_000,
  /** Of the spec of a Job as JSON text, in UTF-16 units. */
  specChars: 32_768,
  /** How deep the spec of a Job may be. */
  specDepth: 32,
  /** Of the message of a report. */
  messageChars: 500,
} as const;

/** How far a check is. `measured`: a metric has a value. `succeeded` and `failed` are ends of Jobs and stay. */
export const checkPhases = ['pending', 'running', 'measured', 'succeeded', 'failed'] as const;

/** What an agent says of one check of the assignment that it has. `pending`: nothing is known; nobody may take it for good or bad. */
export interface CheckReport {
  readonly id: string;
  readonly phase: (typeof checkPhases)[number];
  /** Finite; exactly when `measured`. */
  readonly value?: number;
  /** Agent's clock when this was seen; 0 before anything was. */
  readonly observedAtMs: number;
  /** Why it is so and what to do; at most 500 characters, and nothing of a result but its number. */
  readonly message: string;
}
