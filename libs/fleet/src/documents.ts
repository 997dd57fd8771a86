import type { Gate } from './gate.ts';
import type { Json } from '@meridian/manifests';
import type { Dependency } from './dependency.ts';
import type { Override } from './override.ts';
import type { Policy } from './policy.ts';
import type { SyncRules } from './sync-rules.ts';
import type { RolloutWindow } from './window.ts';

/** Kubernetes-style label selector; an empty selector selects everything. */
export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/** One Kubernetes cluster with one agent. */
export interface Cluster {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
}

/** A Helm chart in the directory of an application, and what it is rendered with. */
export interface HelmSource {
  /** Directory of the chart below the application's. */
  readonly chart: string;
  readonly releaseName: string;
  /** Files below the application's directory, a later one wins; `{cluster.name}` and `{LABEL}` are replaced from the cluster. */
  readonly valuesFiles: readonly string[];
  /** Values that win over all files. */
  readonly values: { readonly [name: string]: Json };
  /** The Kubernetes version that templates are told; that of helm unless told. */
  readonly kubeVersion?: string;
  /** API versions that templates are told beside those of Kubernetes. */
  readonly apiVersions: readonly string[];
}

/** What an apply does about fields of another manager, see `FieldManagerRule`. */
export const fieldManagerPolicies = ['force', 'adopt', 'yield', 'fail'] as const;

/** One of `fieldManagerPolicies`. */
export type FieldManagerPolicy = (typeof fieldManagerPolicies)[number];

/**
 * What is done about the fields of one or more other managers: `force` lets the bundle win, `adopt` also removes what they
 * have set beside it, `yield` leaves them what they have, `fail` writes nothing where they disagree.
 */
export interface FieldManagerRule {
  /** Name of a manager, in which `*` stands for any text. */
  readonly manager: string;
  readonly policy: FieldManagerPolicy;
}

/** What is deployed: a source path, overlay search order, placement and sync policy. */
export interface Application {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  /** Directory of the application in the fleet repo. */
  readonly path: string;
  /** Search order below `path`; the first that exists is built. `{cluster.name}` and `{LABEL}` are replaced from the cluster. */
  readonly overlays: readonly string[];
  /** The directory holds a chart, and no overlays. */
  readonly helm?: HelmSource;
  /** What some clusters have on top of their overlay; all that select a cluster apply, in order. */
  readonly overrides?: readonly Override[];
  /** Whether `${cluster.name}` and `${cluster.labels.LABEL}` are replaced in the values of objects. */
  readonly variables?: boolean;
  readonly placement: LabelSelector;
  /** Namespace for namespaced objects that name none. */
  readonly namespace: string;
  readonly rolloutStrategy: string;
  /** What holds of a project are about. */
  readonly project?: string;
  /** What has to be healthy before it is pushed. */
  readonly dependsOn?: readonly Dependency[];
  readonly syncPolicy: {
    readonly prune: boolean;
    readonly selfHeal: boolean;
    readonly createNamespace: boolean;
    /** How many objects one release may remove from a cluster without an approval; an empty bundle always needs one. */
    readonly deletionBudget: number | `${number}%`;
    /** What is done about other field managers; the first that fits counts, and defaults where none does. */
    readonly fieldManagers?: readonly FieldManagerRule[];
    readonly rules?: SyncRules;
  };
}

/** Ordered stages, how many clusters at once, and how long each may take. */
export interface RolloutStrategy {
  readonly name: string;
  readonly stages: readonly Stage[];
  /** A cluster that is not healthy at the release after this long counts as failed. Always finite. */
  readonly progressDeadlineMs: number;
  /** How many clusters, or what share of all clusters of the rollout, may fail before the rollout halts. */
  readonly failureBudget: number | `${number}%`;
  /** Back to the last good release once the budget is spent; absent: nothing more moves until a person decides. */
  readonly onBreach?: 'rollback';
  /** A newer release waits until the present rollout has ended; absent: it takes its place. */
  readonly onNewer?: 'queue';
  /** When nothing may be pushed, by cluster; absent: at any time. Going back does not wait for one. */
  readonly windows?: readonly RolloutWindow[];
  /** A release waits until a person starts it; absent: it starts by itself. */
  readonly start?: 'manual';
}

/** One ordered step of a rollout. Clusters that no stage selects land in a final implicit stage. */
export interface Stage {
  readonly name: string;
  readonly clusters: LabelSelector;
  readonly maxConcurrent: number | `${number}%`;
  /** How long every cluster of the stage must stay healthy before the next stage starts. */
  readonly soakMs: number;
  /** The stage has to have clusters, and none of them may fail, whatever the budget is. */
  readonly mandatory?: true;
  /** What has to be so before anything of the stage is pushed. */
  readonly before?: readonly Gate[];
  /** What has to be so, once every cluster of the stage is healthy, before the next one. */
  readonly after?: readonly Gate[];
}

/** The parsed fleet configuration of one revision. */
export interface FleetConfig {
  readonly clusters: readonly Cluster[];
  readonly applications: readonly Application[];
  readonly strategies: readonly RolloutStrategy[];
  readonly policies: readonly Policy[];
}

/** A located error: what is wrong, where, and how to mend it. */
export interface LocatedError {
  readonly file: string;
  readonly line?: number;
  /** JSON path or field name, such as `spec.stages[1].soak`. */
  readonly field?: string;
  readonly cluster?: string;
  readonly message: string;
  /** What the author can do about it. */
  readonly fix?: string;
}
