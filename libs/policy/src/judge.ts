import { celValue } from '@meridian/cel';
import type { Application, Cluster, LocatedError, Policy, SchemaIssue } from '@meridian/fleet';
import { canonicalJson, maskSecret } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { compilePolicy } from './compile-policy.ts';
import type { CompiledPolicy } from './compile-policy.ts';
import { outOfSteps, verdictOf } from './evaluate.ts';
import type { Seen, Verdict } from './evaluate.ts';
import { told, unread } from './findings.ts';
import type { Finding } from './findings.ts';
import { isAbout } from './matching.ts';
import { seenPlace } from './policy-environment.ts';

/** A rendered application in a cluster. */
export interface JudgedBundle {
  readonly application: Application;
  readonly cluster: Cluster;
  readonly objects: readonly KubeObject[];
  /** Where an object was read or what generated it. */
  readonly originOf: (object: KubeObject) => { readonly file: string; readonly line?: number } | undefined;
}

/** What policies have against a bundle: what keeps it from being released, and what is only worth a warning. */
interface Judgement {
  readonly errors: readonly LocatedError[];
  readonly warnings: readonly LocatedError[];
}

/** Steps that one expression may take, and all policies together for a bundle; a million takes about a third of a second. */
const mostSteps = { expression: 300_000, bundle: 2_000_000, perObject: 1_000 };
/** Policies that are kept ready; more than any fleet should have. */
const mostKept = 2_000;

interface Ready extends CompiledPolicy {
  /** What was found in objects that were looked at before; for policies that do not look at the place. */
  readonly verdicts: WeakMap<KubeObject, Verdict>;
  readonly params: unknown;
}

/** What is wrong with a policy that nobody checked when it was read. */
interface Unreadable {
  readonly issues: readonly SchemaIssue[];
}

/** Holds bundles to policies. It keeps policies ready and remembers what it found in objects, which changes no verdict. */
export class Judge {
  readonly #ready = new Map<string, Ready | Unreadable>();
  readonly #known = new WeakMap<Policy, Ready | Unreadable>();
  readonly #seen = new WeakMap<KubeObject, unknown>();

  /** What policies have against a bundle, in the order of their names and of its objects. One that cannot be read is an error. */
  judge(policies: readonly Policy[], bundle: JudgedBundle): Judgement {
    const errors: LocatedError[] = [];
    const warnings: LocatedError[] = [];
    let left = mostSteps.bundle + mostSteps.perObject * bundle.objects.length;
    for (const policy of policies) {
      const ready = this.#readyFor(policy);
      if ('issues' in ready) {
        errors.push(...ready.issues.map((issue) => unread(issue, policy, bundle)));
        continue;
      }
      const { findings, steps } = this.#findings(ready, bundle, left);
      left -= steps;
      (policy.action === 'deny' ? errors : warnings).push(...told(findings, policy, bundle));
    }
    return { errors, warnings };
  }

  #readyFor(policy: Policy): Ready | Unreadable {
    const known = this.#known.get(policy);
    if (known) return known;
    const key = canonicalJson(policy);
    const ready = this.#ready.get(key) ?? readied(policy);
    this.#ready.set(key, ready);
    for (const oldest of this.#ready.keys()) {
      if (this.#ready.size <= mostKept) break;
      this.#ready.delete(oldest);
    }
    this.#known.set(policy, ready);
    return ready;
  }

  #findings(ready: Ready, bundle: JudgedBundle, left: number): { findings: Finding[]; steps: number } {
    const { policy } = ready;
    const objects = bundle.objects.filter((object) => isAbout(policy, object));
    const findings: Finding[] = [];
    // To see that a policy is not about an object takes time, too.
    let steps = bundle.objects.length;
    const place = seenPlace(bundle.application, bundle.cluster);
    const common = { ...place, params: ready.params };
    const note = (object: KubeObject | undefined, verdict: Verdict) => {
      steps += verdict.steps;
      for (const violation of verdict.violations) findings.push({ object, violation });
    };
    if (policy.scope === 'bundle') {
      if (objects.length > 0) note(undefined, this.#verdictOfAll(ready, objects, common, left - steps));
      return { findings, steps };
    }
    for (const object of objects) {
      if (steps > left) {
        findings.push({ object: undefined, violation: { message: outOfSteps } });
        break;
      }
      note(object, this.#verdictOf(ready, object, common));
    }
    return { findings, steps };
  }

  #verdictOfAll(ready: Ready, objects: readonly KubeObject[], common: Seen, left: number): Verdict {
    const expression = mostSteps.expression + mostSteps.perObject * objects.length;
    const seen = { ...common, objects: objects.map((each) => this.#valueOf(each)) };
    return verdictOf(ready, seen, { expression, together: left });
  }

  #verdictOf(ready: Ready, object: KubeObject, common: Seen): Verdict {
    const known = ready.seesPlace ? undefined : ready.verdicts.get(object);
    if (known) return known;
    // What is remembered must not depend on what other policies left.
    const limits = { expression: mostSteps.expression, together: Infinity };
    const verdict = verdictOf(ready, { ...common, object: this.#valueOf(object) }, limits);
    if (!ready.seesPlace) ready.verdicts.set(object, verdict);
    return verdict;
  }

  /** Objects are turned into values of expressions once; values of Secrets are masked, because messages may tell them. */
  #valueOf(object: KubeObject): unknown {
    const known = this.#seen.get(object);
    if (known !== undefined) return known;
    const seen = celValue(maskSecret(object));
    this.#seen.set(object, seen);
    return seen;
  }
}

function readied(policy: Policy): Ready | Unreadable {
  const read = compilePolicy(policy);
  if (!read.ok) return read;
  return { ...read.compiled, verdicts: new WeakMap(), params: celValue(policy.params) };
}
