/** Names that are allowed, and names that are not whatever is allowed. `*` in a name stands for any text. */
export interface NameLimits {
  /** Only these; any unless told. */
  readonly allowed?: readonly string[] | undefined;
  readonly denied?: readonly string[] | undefined;
}

/** A person has stopped all writes in a cluster. */
export interface Freeze {
  readonly author: string;
  readonly reason: string;
  /** Until then by the agent's clock; until it is taken away unless told. */
  readonly untilMs?: number;
}

/** Deletions that the administrator of a cluster lets go ahead although they are more than usual. */
export interface ApprovedDeletions {
  readonly application: string;
  /** Digest of the release that they are for. */
  readonly release: string;
}

/** How much one assignment may delete of an application. */
export interface DeletionLimits {
  /** At most so many objects. */
  readonly objects?: number | undefined;
  /** At most this share of its objects in the cluster, in percent. */
  readonly percent?: number | undefined;
  readonly approved: readonly ApprovedDeletions[];
}

/** How much may be written in any minute. */
export interface ChangeRate {
  readonly writesPerMinute: number;
  readonly deletionsPerMinute: number;
}

/** What the administrator of a cluster lets its agent do. No hub can lift it. */
export interface AgentLimits {
  readonly namespaces?: NameLimits | undefined;
  /** Names such as `apps/Deployment`; without a group they are of the core group. */
  readonly kinds?: (NameLimits & { readonly clusterScoped?: readonly string[] | undefined }) | undefined;
  /** Where images may come from: hosts with their port, or paths below them. */
  readonly registries?: readonly string[] | undefined;
  readonly changeRate?: ChangeRate | undefined;
  readonly deletions?: DeletionLimits | undefined;
  readonly freeze?: Freeze | undefined;
}
