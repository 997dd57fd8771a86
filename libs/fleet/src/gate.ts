import type { JsonObject } from '@meridian/manifests';

/** What has to be so before or after a stage; without an answer it waits. */
export type Gate = ApprovalGate | MetricGate | JobGate | WebhookGate;

interface Named {
  /** Unique in the strategy. */
  readonly name: string;
}

/** People have to agree, to exactly the release that the rollout is about. */
export interface ApprovalGate extends Named {
  readonly kind: 'approval';
  /** How many different people. */
  readonly required: number;
  /** Who may: whoever has one of these roles; absent: everybody with a token. */
  readonly roles?: readonly string[];
  /** Whoever wrote one of the commits that the release brings does not count. */
  readonly excludeAuthor: boolean;
  /** How long an approval counts while the gate is not passed. */
  readonly expiresAfterMs: number;
}

/** What a gate that is asked in clusters does in a stage of which no cluster has the application yet. */
interface AskedInClusters extends Named {
  /** Only before a stage: `hold` waits, for nothing can be measured. */
  readonly firstInstall: 'hold' | 'pass';
}

/** A query that each cluster of the stage answers, held to bounds. */
export interface MetricGate extends AskedInClusters {
  readonly kind: 'metric';
  /** Name that the administrator of the cluster gave the place that is asked. */
  readonly source: string;
  /** PromQL; `{{cluster}}`, `{{application}}`, `{{namespace}}`, `{{release}}` and `{{revision}}` are filled in. */
  readonly query: string;
  readonly intervalMs: number;
  /** The least that is good. */
  readonly min?: number;
  /** The most that is good. */
  readonly max?: number;
  /** `every`: each cluster by itself; otherwise one number of them all. */
  readonly aggregate: 'every' | 'mean' | 'sum' | 'min' | 'max';
  /** How long it has to be good without a break. */
  readonly forMs: number;
  /** How long it may be bad without a break before the gate fails. */
  readonly failAfterMs: number;
}

/** A Job that has to complete in each cluster of the stage. */
export interface JobGate extends AskedInClusters {
  readonly kind: 'job';
  /** A `batch/v1` JobSpec. */
  readonly spec: JsonObject;
  readonly timeoutMs: number;
}

/** Another system is asked by the hub until it says pass or fail. */
export interface WebhookGate extends Named {
  readonly kind: 'webhook';
  readonly url: string;
  readonly intervalMs: number;
}
