import type { Assignment, NamespaceMetadata } from '@meridian/fleet';
import { fieldsOwnedBy, projectFields } from '@meridian/diff';
import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import { LimitFault } from '../limits/limited-kube.ts';
import { applicationLabel, fieldManager } from '../ports.ts';
import type { KubeNote } from '../ports.ts';
import type { EngineContext } from './context.ts';
import type { Held } from './held.ts';

const none: NamespaceMetadata = { labels: {}, annotations: {} };

const idOf = ({ namespace }: Assignment): string => `/Namespace//${namespace}`;

/** By whose rights a namespace is made, and by whose it is given labels and annotations. */
export interface NamespaceMakers {
  /** A new namespace has no role bindings yet. */
  readonly agent: EngineContext;
  /** Labels say what is allowed in a namespace, so that a service account must have the right to give them. */
  readonly acting: EngineContext;
}

/**
 * Makes the application's namespace when it is missing, with our label, and gives it the labels and annotations of its
 * application. One that the bundle has as an object is left to the bundle. It is in no inventory and so never pruned.
 */
export async function ensureNamespace(
  makers: NamespaceMakers,
  held: Held,
  signal: AbortSignal,
): Promise<void> {
  const { assignment } = held;
  const isEmpty = assignment.bundle === undefined || held.stages.length === 0;
  if (!assignment.createNamespace || isEmpty) held.limits.namespace = undefined;
  if (!assignment.createNamespace || held.hasNamespace || isEmpty) return;
  held.limits.namespace = undefined;
  if (!held.books.has(idOf(assignment))) await makeWithinLimits(makers, held, signal);
  held.hasNamespace = true;
}

/** A limit that forbids it holds up nothing else: the objects tell whether the namespace is there without us. */
async function makeWithinLimits(makers: NamespaceMakers, held: Held, signal: AbortSignal): Promise<void> {
  try {
    await make(makers, held.assignment, signal);
  } catch (error) {
    if (!(error instanceof LimitFault) || error.isStop) throw error;
    held.limits.namespace = `Namespace ${held.assignment.namespace}: ${error.message}`;
  }
}

async function make(
  { agent, acting }: NamespaceMakers,
  assignment: Assignment,
  signal: AbortSignal,
): Promise<void> {
  const { application, namespace, rules } = assignment;
  const ref = { apiVersion: 'v1', kind: 'Namespace', namespace: '', name: namespace };
  const ours = { [applicationLabel]: application };
  const found =
    (await agent.kube.get(ref, signal)) ??
    (await agent.kube.apply(namespaceOf(namespace, { labels: ours, annotations: {} }), { signal }));
  const isOurs = found.metadata.labels?.[applicationLabel] === application;
  const wanted = rules?.namespaceMetadata;
  // Ours also when nothing is wanted any more: then what it was given goes.
  if (!wanted && !(isOurs && isGiven(found))) return;
  if (wanted) claim(acting, assignment);
  const { labels, annotations } = wanted ?? none;
  const own = isOurs ? { ...labels, ...ours } : labels;
  await acting.kube.apply(namespaceOf(namespace, { labels: own, annotations }), { signal });
}

const namespaceOf = (name: string, metadata: NamespaceMetadata): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...metadata },
});

const bare: ReadonlySet<string> = new Set([
  `metadata.labels[${applicationLabel}]`,
  'metadata.labels',
  'metadata.annotations',
]);

/** Whether it has anything of us besides our label. */
function isGiven(namespace: KubeObject): boolean {
  const fields = fieldsOwnedBy(namespace, fieldManager);
  return fields !== undefined && [...projectFields(namespace, fields).keys()].some((path) => !bare.has(path));
}

/** Two applications that give one namespace labels would take away each other's. */
function claim({ claims }: EngineContext, assignment: Assignment): void {
  const owner = claims.claim(idOf(assignment), assignment.application);
  if (owner === assignment.application) return;
  throw new FaultError(
    'conflict',
    `application ${owner} has Namespace ${assignment.namespace} already; say namespaceMetadata in one application only`,
    { retry: 'later' },
  );
}

/** Whether the application keeps its namespace to labels and annotations. */
export function isNamespaceGiven({ assignment: { rules, bundle, createNamespace } }: Held): boolean {
  return createNamespace && bundle !== undefined && rules?.namespaceMetadata !== undefined;
}

/** Whether the namespace has been seen or made for the same application under equal rules. */
export function hasNamespaceStill(before: Held | undefined, { namespace, rules }: Assignment): boolean {
  if (before?.hasNamespace !== true) return false;
  const { assignment } = before;
  const [was, is] = [assignment.rules, rules].map((each) => JSON.stringify(each?.namespaceMetadata));
  return assignment.namespace === namespace && was === is;
}

/** Whether a note says that the namespace of an application is not as it was given; then it is to be given again. */
export function seeNamespace(held: Held | undefined, id: string, note: KubeNote): boolean {
  if (!held || !isOff(held, id, note)) return false;
  held.hasNamespace = false;
  return true;
}

function isOff({ assignment, books }: Held, id: string, note: KubeNote): boolean {
  const wanted = assignment.rules?.namespaceMetadata;
  if (!wanted || note.type === 'synced' || id !== idOf(assignment) || books.has(id)) return false;
  return note.type === 'deleted' || !hasAll(note.object, wanted);
}

function hasAll({ metadata }: KubeObject, { labels, annotations }: NamespaceMetadata): boolean {
  const has = (live: { readonly [name: string]: string } = {}, wanted: NamespaceMetadata['labels']) =>
    Object.entries(wanted).every(([name, text]) => live[name] === text);
  return has(metadata.labels, labels) && has(metadata.annotations, annotations);
}
