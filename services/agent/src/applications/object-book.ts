import { differingFields, diffProjection, projectFields } from '@meridian/diff';
import type { ProjectedField } from '@meridian/diff';
import type { Drift, FieldDrift } from '@meridian/fleet';
import { autoscalingOf, hasPods, judgeWithPods, replicasOf } from '@meridian/health';
import type { Autoscaling, PodsSeen, Verdict } from '@meridian/health';
import type { KubeObject, ObjectKey } from '@meridian/manifests';
import { ownJudging } from '../assignments/judges.ts';
import type { Judging } from '../assignments/judges.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import { applicationLabel } from '../ports.ts';
import type { KubeNote } from '../ports.ts';
import { AlteredFields, admission } from './altered-fields.ts';
import { isIgnored, leftTo } from './left-fields.ts';
import { goneAfterEnd, isRemovedAtEnd } from './job-end.ts';
import { neverHealed } from './heal-guard.ts';
import type { HealHistory } from './heal-guard.ts';
import { authorOf, comparison, ownFields } from './own-fields.ts';
import type { Answer, Applied, DryRun, Seen } from './sightings.ts';

export type { Answer, Applied, DryRun, Seen } from './sightings.ts';

const nothing: Seen = { change: 'nothing' };
const unseen: Omit<PodsSeen, 'nowMs'> = { pods: [], events: [] };

/**
 * All that the agent remembers of one object: the verdict on it by itself, what was applied, and drift that is not healed
 * yet. It keeps the live object only before the first apply, to find what changed while the agent was away, and for
 * workloads that are not healthy, to look at their pods; of autoscalers and what they scale it keeps numbers.
 */
export class ObjectBook {
  readonly key: ObjectKey;
  verdict: Verdict = { health: 'Unknown', reason: 'the object was not seen yet' };
  applied: Applied | undefined;
  drift: Drift | undefined;
  error: string | undefined;
  /** The server said that the object is wrong, so that trying again will not help. */
  isRefused = false;
  /** It was deleted to be made again and may still be there. */
  isReplaced = false;
  /** The cluster did not serve its kind when it was to be written. */
  lacksKind = false;
  /** The verdict is by a rule that is another one now. */
  isJudgedByOther = false;
  /** Digest of the content that has come to a good end, of an object that the cluster removes then. */
  ended: string | undefined;
  heals: HealHistory = neverHealed;
  /** What was healed last, while something keeps changing the object back. */
  fight: Drift | undefined;
  /** The live object while it matters, see above. */
  live: KubeObject | undefined;
  /** What an autoscaler asks of the object that it scales; undefined for other kinds. */
  autoscaling: Autoscaling | undefined;
  /** What the API server has stored otherwise than it was sent. */
  readonly altered = new AlteredFields();
  /** The live `spec.replicas`, for an autoscaler that scales the object. */
  replicas: number | undefined;
  /** What of the bundle is left to others: readable path -> to whom. */
  left: ReadonlyMap<string, string> = new Map();
  #autoscaler: string | undefined;
  #pods: Omit<PodsSeen, 'nowMs'> = unseen;
  #judging: Judging = ownJudging;
  #inFlight = false;
  #isThere = false;
  #ignoresDrift = false;
  #isWrittenOnce = false;
  #held: KubeNote | undefined;
  /** Drift that was open before a restart, until it is known whether it still is. */
  #known: Drift | undefined;

  constructor(key: ObjectKey) {
    this.key = key;
  }

  /** Whether the object is a workload that is not healthy, so that its pods should be looked at. */
  get wantsPods(): boolean {
    return this.live !== undefined && hasPods(this.key) && this.verdict.health !== 'Healthy';
  }

  /** Takes what was kept of its end before a restart; the watch tells if it is still there. */
  knowEnd(hash: string): void {
    this.ended = hash;
    this.verdict = goneAfterEnd;
  }

  /** Whether the object has done its work with this content and is gone. */
  isOver({ hash }: DesiredObject): boolean {
    return this.ended === hash && !this.#isThere;
  }

  /** What judges the object from now on. */
  judgeBy(judging: Judging): void {
    this.isJudgedByOther ||= this.applied !== undefined && judging.rule !== this.#judging.rule;
    this.#judging = judging;
  }

  /** Takes the object as it was read to be judged by another rule; its deletion is told by the watch. */
  rejudge(live: KubeObject | undefined, nowMs: number): Seen {
    this.isJudgedByOther = false;
    if (live) this.#judge(live, nowMs);
    return { change: 'health' };
  }

  /** Something else is applied from now on. */
  forgetError(): void {
    this.error = undefined;
    this.isRefused = false;
  }

  /** Tells of drift that was open before a restart; the same one goes on from then. */
  knowDrift(drift: Drift): void {
    if (drift.manager === admission) this.altered.know(drift);
    else this.#known = drift;
  }

  /** From now on nothing that others do to the object counts as drift. */
  ignoreDrift(): void {
    this.#ignoresDrift = true;
    this.#isWrittenOnce = false;
    this.drift = undefined;
    this.altered.forget();
  }

  /** From now on only its deletion counts as drift. */
  heedDeletionOnly(): void {
    this.#ignoresDrift = true;
    this.#isWrittenOnce = true;
    this.altered.forget();
    if (this.drift?.change !== 'deleted') this.drift = undefined;
  }

  /** From now on drift counts again. */
  heedDrift(): void {
    this.#ignoresDrift = false;
    this.#isWrittenOnce = false;
  }

  /** Notes that arrive from now on are held back: some are echoes of our own write. */
  beginApply(): void {
    this.#inFlight = true;
  }

  /** Takes the answer to an apply (undefined when it failed), then the note that was held back meanwhile. */
  endApply(answer: Answer | undefined, nowMs: number): readonly Seen[] {
    this.#inFlight = false;
    const seen: Seen[] = answer ? this.#take(answer, nowMs) : [];
    const held = this.#held;
    this.#held = undefined;
    if (held) seen.push(this.see(held, nowMs));
    return seen;
  }

  #take({ object, desired, isRepeat, left = [], autoscaler, sent }: Answer, nowMs: number): Seen[] {
    this.#autoscaler = autoscaler;
    this.left = new Map(left.map(({ path, to }) => [path, to]));
    const before = this.applied;
    const found = isRepeat ? this.#driftBefore({ object, desired }, nowMs) : undefined;
    const fields = ownFields(object, desired) ?? { self: false, children: new Map() };
    this.applied = {
      desired,
      uid: isOurs(object, desired) ? (object.metadata.uid ?? '') : '',
      resourceVersion: object.metadata.resourceVersion ?? '',
      fields,
      projection: projectFields(seenBy(desired, object), fields),
    };
    this.#compareSent(sent, object, nowMs);
    this.forgetError();
    this.lacksKind = false;
    this.isReplaced = false;
    this.#judge(object, nowMs);
    const open = found ?? this.drift;
    this.drift = undefined;
    if (!open) return [{ change: 'health' }];
    return [{ change: 'restored', drift: { ...settle(open, before, object), healedAtMs: nowMs } }];
  }

  #compareSent(sent: KubeObject | undefined, answer: KubeObject, nowMs: number): void {
    if (!sent || !this.applied || this.#ignoresDrift) return;
    const { desired, fields } = this.applied;
    const compared = { sent: seenBy(desired, sent), stored: seenBy(desired, answer), fields };
    this.altered.take(compared, this.key, nowMs);
  }

  /** Drift that happened while the agent was away: what the first apply had to change in the object as it was found. */
  #driftBefore({ object, desired }: Pick<Answer, 'object' | 'desired'>, nowMs: number): Drift | undefined {
    if (this.applied || !this.live || this.drift || this.#ignoresDrift) return undefined;
    const fields = ownFields(object, desired);
    const applied = fields && { desired, fields, projection: projectFields(seenBy(desired, object), fields) };
    return applied && this.#compare(applied, this.live, nowMs);
  }

  /** Takes a note about this object. Notes older than our last write say nothing new. */
  see(note: KubeNote, nowMs: number): Seen {
    if (note.type === 'synced') return nothing;
    if (this.#inFlight) {
      this.#held = note;
      return nothing;
    }
    // The deletion of an object that was made again since is told late.
    const { uid } = note.object.metadata;
    if (note.type === 'deleted' && this.applied && uid !== undefined && uid !== this.applied.uid)
      return nothing;
    if (this.applied && !isNewer(note.object.metadata.resourceVersion, this.applied.resourceVersion))
      return nothing;
    return note.type === 'deleted' ? this.#seeDeleted(nowMs) : this.#seePresent(note.object, nowMs);
  }

  /** The object is not in the cluster although it should be, found without a note about it. */
  seeMissing(nowMs: number): Seen {
    return this.#seeDeleted(nowMs);
  }

  #seeDeleted(nowMs: number): Seen {
    this.#isThere = false;
    this.live = undefined;
    this.autoscaling = undefined;
    this.replicas = undefined;
    if (this.ended !== undefined && (this.applied?.desired.hash ?? this.ended) === this.ended) {
      this.verdict = goneAfterEnd;
      this.drift = undefined;
      this.altered.forget();
      return { change: 'health' };
    }
    this.verdict = { health: 'Missing', reason: 'the object is not in the cluster' };
    if (this.isReplaced) {
      this.isReplaced = false;
      this.forgetError();
      return { change: 'cleared' };
    }
    const drift: Drift = {
      key: this.key,
      change: 'deleted',
      manager: 'unknown',
      fields: [],
      firstSeenMs: nowMs,
    };
    return this.#setDrift(drift, nowMs);
  }

  #seePresent(object: KubeObject, nowMs: number): Seen {
    const { ended } = this;
    const seen = this.#seeChanged(object, nowMs);
    return this.ended !== ended && seen.change === 'health' ? { change: 'ended' } : seen;
  }

  #seeChanged(object: KubeObject, nowMs: number): Seen {
    this.#judge(object, nowMs);
    if (!this.applied || object.apiVersion !== this.applied.desired.object.apiVersion) {
      this.live = object;
      return { change: 'health' };
    }
    if (object.metadata.deletionTimestamp !== undefined) return { change: 'health' };
    return this.#setDrift(this.#compare(this.applied, object, nowMs), nowMs);
  }

  /** Takes what a dry run says the object would become in place of an apply; for applications that must not be healed. */
  takeDryRun({ object: answer, sent }: DryRun, desired: DesiredObject, nowMs: number): Seen {
    const { live } = this;
    const fields = ownFields(answer, desired);
    if (!fields || !live) return nothing;
    const { uid = '', resourceVersion = '' } = live.metadata;
    const projection = projectFields(seenBy(desired, answer), fields);
    this.applied = { desired, uid, resourceVersion, fields, projection };
    this.#compareSent(sent, answer, nowMs);
    this.error = undefined;
    this.#judge(live, nowMs);
    // What stands as it was applied is taken as its own answer.
    const drift = answer === live ? undefined : this.#compare(this.applied, live, nowMs);
    return this.#setDrift(drift, nowMs);
  }

  #heeds(drift: Drift | undefined): boolean {
    return !this.#ignoresDrift || (this.#isWrittenOnce && drift?.change === 'deleted');
  }

  #setDrift(drift: Drift | undefined, nowMs: number): Seen {
    if (!this.#heeds(drift)) return { change: 'health' };
    const before = this.drift;
    this.drift = drift && {
      ...drift,
      firstSeenMs: before?.firstSeenMs ?? firstSeenMs(drift, this.#known),
    };
    this.#known = undefined;
    if (this.drift && before) return { change: 'health' };
    if (this.drift) return { change: 'drifted', drift: this.drift };
    return before ? { change: 'restored', drift: { ...before, healedAtMs: nowMs } } : { change: 'health' };
  }

  #compare(
    applied: Pick<Applied, 'desired' | 'fields' | 'projection'>,
    live: KubeObject,
    nowMs: number,
  ): Drift | undefined {
    const projection = projectFields(seenBy(applied.desired, live), applied.fields);
    const options = comparison(live, applied.desired);
    const differing = differingFields(applied.projection, projection, options).filter(
      (field) =>
        !isIgnored(live, field.elements, applied.desired) && !this.#isLeft(applied.desired, live, field),
    );
    if (differing.length === 0) return undefined;
    return {
      key: this.key,
      change: 'modified',
      manager: authorOf(live, differing, applied.desired),
      fields: diffProjection(
        new Map(differing.map((field) => [field.path, field])),
        projection,
        this.key.kind,
        options,
      ),
      firstSeenMs: nowMs,
    };
  }

  #isLeft({ managers, ignoring }: DesiredObject, live: KubeObject, field: ProjectedField): boolean {
    const to = leftTo(live, field, { managers, ignoring, autoscaler: this.#autoscaler });
    if (to !== undefined) this.left = new Map([...this.left, [field.path, to]]);
    return to !== undefined;
  }

  #judge(object: KubeObject, nowMs: number): void {
    if (this.live?.metadata.generation !== object.metadata.generation) this.#pods = unseen;
    const verdict = this.#judging.judge(object, nowMs);
    this.#isThere = true;
    if (this.applied && verdict.health === 'Healthy' && isRemovedAtEnd(this.applied.desired))
      this.ended = this.applied.desired.hash;
    this.autoscaling = autoscalingOf(object, nowMs);
    this.replicas = replicasOf(object);
    const keep = hasPods(this.key) && verdict.health !== 'Healthy';
    this.live = keep ? object : undefined;
    if (!keep) this.#pods = unseen;
    this.verdict = judgeWithPods(object, verdict, { ...this.#pods, nowMs });
  }

  /** Takes the pods of the workload `owner`; nothing when the workload has changed or recovered since they were listed. */
  seePods(owner: KubeObject, seen: PodsSeen): Seen {
    if (!this.live || this.live.metadata.generation !== owner.metadata.generation) return nothing;
    this.#pods = seen;
    const next = judgeWithPods(this.live, this.#judging.judge(this.live, seen.nowMs), seen);
    const same = next.health === this.verdict.health && next.reason === this.verdict.reason;
    this.verdict = next;
    return same ? nothing : { change: 'health' };
  }
}

function firstSeenMs(drift: Drift, known: Drift | undefined): number {
  const isSame = known?.change === drift.change && known.manager === drift.manager;
  return isSame ? known.firstSeenMs : drift.firstSeenMs;
}

/** An object without what others may have as they like. */
const seenBy = ({ ignoring }: DesiredObject, object: KubeObject): KubeObject =>
  ignoring ? ignoring.strip(object) : object;

/** Objects that are written once may be somebody else's; what has no UID in the inventory is never deleted. */
function isOurs({ metadata }: KubeObject, { object }: DesiredObject): boolean {
  return metadata.labels?.[applicationLabel] === object.metadata.labels?.[applicationLabel];
}

/** A watch by label tells a removed label as a deletion; the UID of the healed object tells the two apart. */
function settle(drift: Drift, before: Applied | undefined, healed: KubeObject): Drift {
  if (drift.change !== 'deleted' || before === undefined || before.uid !== healed.metadata.uid) return drift;
  const desired = JSON.stringify(healed.metadata.labels?.[applicationLabel] ?? '');
  const field: FieldDrift = { path: `metadata.labels[${applicationLabel}]`, desired, live: 'absent' };
  return { ...drift, change: 'modified', fields: [field] };
}

/** Whether one resourceVersion is later than another; they are decimal numbers (KEP-5504), unknown forms count as later. */
export function isNewer(left: string | undefined, right: string): boolean {
  if (left === undefined || !/^\d+$/.test(left) || !/^\d+$/.test(right)) return left !== right;
  return left.length === right.length ? left > right : left.length > right.length;
}
