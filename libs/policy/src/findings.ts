import type { LocatedError, Policy, SchemaIssue } from '@meridian/fleet';
import { fieldText } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import type { Violation } from './evaluate.ts';
import type { JudgedBundle } from './judge.ts';

/** What one policy is told of in one bundle; the rest is counted. */
const mostTold = 20;

/** A violation, and the object that it is about; undefined when that is the whole bundle. */
export interface Finding {
  readonly object: KubeObject | undefined;
  readonly violation: Violation;
}

/** What a policy found, as errors with their places; of many the first ones. */
export function told(findings: readonly Finding[], policy: Policy, bundle: JudgedBundle): LocatedError[] {
  const rest = findings.length - mostTold;
  const shown = findings.slice(0, mostTold).map((finding) => located(finding, policy, bundle));
  const last = shown.at(-1);
  if (rest <= 0 || !last) return shown;
  return [...shown.slice(0, -1), { ...last, message: `${last.message} (and ${rest} more of this policy)` }];
}

/** What keeps a policy from being read, as an error of every bundle that it would be asked about. */
export function unread(
  { path, message }: SchemaIssue,
  { name, declaredIn }: Policy,
  { cluster }: Pick<JudgedBundle, 'cluster'>,
): LocatedError {
  return {
    file: declaredIn,
    field: fieldText(path),
    cluster: cluster.name,
    message: `policy ${name} cannot be read: ${message}`,
    fix: 'mend the policy; until then nothing is released that it is about',
  };
}

function located(
  { object, violation }: Finding,
  policy: Policy,
  { application, cluster, originOf }: JudgedBundle,
): LocatedError {
  const { file, line } = (object && originOf(object)) ?? { file: application.path };
  const what = object ? `${nameText(object)}: ` : '';
  return {
    file,
    ...(line === undefined ? {} : { line }),
    ...(violation.fieldPath === undefined ? {} : { field: violation.fieldPath }),
    cluster: cluster.name,
    message: `policy ${policy.name}: ${what}${violation.message}`,
    fix: fixText(policy, { object, violation }, { application }),
  };
}

/** The same in every cluster, so that it is told once for all of them. The command needs no hub: what is denied may be nowhere but here. */
function fixText(
  { declaredIn, name }: Policy,
  { object, violation }: Finding,
  { application }: Pick<JudgedBundle, 'application'>,
): string {
  const own = `mend it, or change the policy ${name} in ${declaredIn}`;
  if (!object) return own;
  const field = violation.fieldPath === undefined ? '' : ` ${violation.fieldPath}`;
  const asked = `${object.kind.toLowerCase()}/${object.metadata.name}${field}`;
  const build = `meridian build --application ${application.name} --cluster NAME --explain ${asked}`;
  return `${own}; in a checkout, which file set it: ${build}`;
}

function nameText({ kind, metadata: { name, namespace } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
