import type { KubeObject } from '@meridian/manifests';
import type { Check } from './check.ts';
import type { FieldManagerRule } from './documents.ts';
import type { SyncRules } from './sync-rules.ts';

/** Rendered, ordered, canonical manifests of one application for one cluster; named by its digest. */
export interface Bundle {
  readonly application: string;
  readonly cluster: string;
  readonly objects: readonly KubeObject[];
}

/** Immutable map cluster -> bundle digest for one application at one revision and one fleet configuration. */
export interface Release {
  /** `sha256:` digest of the canonical JSON of the other fields. */
  readonly digest: string;
  readonly application: string;
  /** Commit id the release was made from. */
  readonly revision: string;
  /** Cluster name -> what it shall run. */
  readonly bundles: { readonly [cluster: string]: BundleRef };
}

/** A bundle in a release: its digest, how many objects it has, and how many it drops from the release before. */
export interface BundleRef {
  /** `sha256:<hex>` of the bundle's canonical JSON. */
  readonly digest: string;
  readonly objects: number;
}

/** Where desired state for one (cluster, application) stands in order; a later one never has a lower value in either. */
export interface HighWaterMark {
  readonly incarnation: string;
  readonly term: number;
  readonly generation: number;
}

/** A person's stop of one application in one cluster: until it ends the agent changes nothing there, and goes on to report. */
export interface Pause {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly author: string;
  readonly reason: string;
}

/** Longest time from now that a pause may have; whoever needs more pauses again. */
export const longestPauseMs = 24 * 3_600_000;

/**
 * Whether a pause holds at `nowMs`. One that would end later than a pause can is not obeyed: then the clock that says so
 * was set back, and nothing may be stopped without an end.
 */
export function isPausedAt(pause: Pause | undefined, nowMs: number): boolean {
  if (pause === undefined) return false;
  const leftMs = Math.min(pause.untilMs, pause.sinceMs + longestPauseMs) - nowMs;
  return leftMs > 0 && leftMs <= longestPauseMs;
}

/**
 * Objects that leave an application and may be wanted by others of the cluster, as the hub knew it when it signed: the agent
 * deletes none of them. Names are those of `keyText`. A renewal may say otherwise at the same generation.
 */
export interface Moves {
  /** Application -> names of what it is to take over. */
  readonly to: { readonly [application: string]: readonly string[] };
  /** Names of objects of which the hub does not know yet whether another application wants them. */
  readonly unclear?: readonly string[];
  /** They are more than an assignment can name, so nothing at all is deleted. */
  readonly isPartial?: true;
}

/** "Cluster C runs application A at release R, generation g, term t." The payload of the signed envelope. */
export interface Assignment {
  readonly cluster: string;
  readonly application: string;
  /** Digest of the release. */
  readonly release: string;
  readonly revision: string;
  /** Digest of this cluster's bundle; undefined when the application is withdrawn from the cluster. */
  readonly bundle?: string;
  readonly generation: number;
  readonly term: number;
  /** Names one life of the ledger; a rebuilt ledger has another. */
  readonly incarnation: string;
  readonly issuedAtMs: number;
  /** After this the agent reports the source as stale; it keeps healing the last known good. */
  readonly expiresAtMs: number;
  readonly prune: boolean;
  readonly selfHeal: boolean;
  readonly createNamespace: boolean;
  readonly namespace: string;
  readonly rules?: SyncRules;
  /** How many inventory objects the agent may delete for this assignment. The agent prunes nothing when more would go. */
  readonly allowedDeletions: number;
  /** What is done about other field managers; only the defaults unless told. */
  readonly fieldManagers?: readonly FieldManagerRule[];
  readonly pause?: Pause;
  /** What must not be deleted although the bundle does not have it; nothing unless told. */
  readonly moves?: Moves;
  /** What the agent looks at for gates of a rollout, at most 16; nothing unless told. A renewal may say otherwise. */
  readonly checks?: readonly Check[];
}

/** DSSE envelope (https://github.com/secure-systems-lab/dsse), base64 in `payload` and `sig`. */
export interface SignedEnvelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Payload type of a signed assignment. */
export const assignmentPayloadType = 'application/vnd.meridian.assignment+json';
