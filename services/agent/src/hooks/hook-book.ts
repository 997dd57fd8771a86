import type { Verdict } from '@meridian/health';
import type { KubeObject } from '@meridian/manifests';
import { isNewer } from '../applications/object-book.ts';
import { ownJudging } from '../assignments/judges.ts';
import type { Judging } from '../assignments/judges.ts';
import { hookRunAnnotation } from '../ports.ts';
import type { KubeNote } from '../ports.ts';

/** The object of a hook as it was seen last. */
export interface HookObject {
  readonly uid: string;
  /** The run that it was made for, see `runMark`; '' when it was made by somebody else. */
  readonly mark: string;
  readonly verdict: Verdict;
}

/** What the cluster has told of the object of a hook. Its drift is of no interest: it is made anew for every run. */
export class HookBook {
  #object: HookObject | undefined;
  #resourceVersion = '0';
  #judging: Judging = ownJudging;

  /** What judges the object from now on. */
  judgeBy(judging: Judging): void {
    this.#judging = judging;
  }

  /** The object; undefined when it was never seen or is gone. */
  get object(): HookObject | undefined {
    return this.#object;
  }

  /** Takes a note from the watch; whether it says anything new. */
  see(note: KubeNote, nowMs: number): boolean {
    if (note.type === 'synced') return false;
    const { uid, resourceVersion } = note.object.metadata;
    if (note.type === 'deleted') {
      const isOther = this.#object !== undefined && uid !== undefined && uid !== this.#object.uid;
      if (isOther || this.#object === undefined) return false;
      this.#object = undefined;
      return true;
    }
    if (!isNewer(resourceVersion, this.#resourceVersion)) return false;
    const before = this.#object;
    const now = this.take(note.object, nowMs);
    return before?.uid !== now.uid || before.verdict.health !== now.verdict.health;
  }

  /** Takes the answer to a call. */
  take(object: KubeObject, nowMs: number): HookObject {
    this.#resourceVersion = object.metadata.resourceVersion ?? '0';
    this.#object = {
      uid: object.metadata.uid ?? '',
      mark: object.metadata.annotations?.[hookRunAnnotation] ?? '',
      verdict: this.#judging.judge(object, nowMs),
    };
    return this.#object;
  }

  /** The object was asked for and is not there. */
  takeMissing(): void {
    this.#object = undefined;
  }
}
