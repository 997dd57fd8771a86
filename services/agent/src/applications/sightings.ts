import type { FieldSet, Projection } from '@meridian/diff';
import type { Drift } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import type { DesiredObject } from '../assignments/prepare.ts';
import type { LeftField } from './left-fields.ts';

/** What was applied last, and how the owned fields looked in the answer. */
export interface Applied {
  readonly desired: DesiredObject;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly fields: FieldSet;
  readonly projection: Projection;
}

/** An answered apply. `isRepeat` is set when an agent had applied all of this assignment before. */
export interface Answer {
  readonly object: KubeObject;
  readonly desired: DesiredObject;
  readonly isRepeat: boolean;
  /** What of the bundle was left to others. */
  readonly left?: readonly LeftField[];
  /** The autoscaler that has its replicas, as people write it. */
  readonly autoscaler?: string | undefined;
  /** What was sent to be written; undefined when the object was taken as it is. */
  readonly sent?: KubeObject | undefined;
}

/** What a dry run was given, and what it says the object would become. */
export interface DryRun {
  readonly object: KubeObject;
  readonly sent: KubeObject;
}

/** What a note from the watch, or the answer to an apply, has changed. */
export type Seen =
  | { readonly change: 'nothing' }
  | { readonly change: 'health' }
  /** It is gone, as it had to be to be made again. */
  | { readonly change: 'cleared' }
  /** It has come to its end, which is to be kept. */
  | { readonly change: 'ended' }
  | { readonly change: 'drifted'; readonly drift: Drift }
  | { readonly change: 'restored'; readonly drift: Drift };
