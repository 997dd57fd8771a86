import { nearest } from '@meridian/manifests';
import type { Located } from './located-document.ts';
import type { ApplicationDocument } from './schema.ts';

/** The names that an application waits for, in the order of its document. */
export interface Depending {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/** What is wrong with one entry of `dependsOn`. */
export interface DependencyProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly fix: string;
}

/** As many circles are told whole; a fleet with more of them has one to mend first. */
const mostTold = 50;
const longestTold = 30;

/**
 * What is wrong with the dependencies of each application that has any: names that no document has (`known` has those of
 * broken ones, too), and circles, told with every application in them.
 */
export function dependencyProblems(
  applications: readonly Depending[],
  known: ReadonlySet<string>,
): ReadonlyMap<string, readonly DependencyProblem[]> {
  const circles = circlesOf(applications);
  const found = new Map<string, readonly DependencyProblem[]>();
  for (const { name, dependsOn } of applications) {
    const circle = circles.get(name);
    const problems = dependsOn.flatMap((other, index): DependencyProblem[] => {
      const path = ['spec', 'dependsOn', index, 'application'];
      if (!known.has(other)) return [{ path, ...unknownText(other, known) }];
      return circle?.[0] === other ? [{ path, ...circleText(name, circle) }] : [];
    });
    if (problems.length > 0) found.set(name, problems);
  }
  return found;
}

/** The same of documents, of which `origins` has the names of all. */
export function wrongDependencies(
  applications: readonly Located<ApplicationDocument>[],
  origins: ReadonlyMap<string, string>,
): (readonly [Located<ApplicationDocument>, readonly DependencyProblem[]])[] {
  const depending = applications.map(({ name, document }) => {
    const dependsOn = (document.spec.dependsOn ?? []).map(({ application }) => application);
    return { name, dependsOn };
  });
  const problems = dependencyProblems(depending, new Set(origins.keys()));
  return applications.map((application) => [application, problems.get(application.name) ?? []] as const);
}

function unknownText(name: string, known: ReadonlySet<string>): Pick<DependencyProblem, 'message' | 'fix'> {
  const meant = nearest(name, [...known]);
  const fix = meant === undefined ? 'declare it, or leave it out of dependsOn' : `did you mean ${meant}?`;
  return { message: `there is no application ${name}`, fix };
}

function circleText(name: string, circle: readonly string[]): Pick<DependencyProblem, 'message' | 'fix'> {
  const left = circle.length - longestTold;
  const told = left > 0 ? [...circle.slice(0, longestTold), `… (${left} more)`, name] : circle;
  return {
    message: `${name} waits for itself: ${[name, ...told].join(' → ')}`,
    fix: 'leave out one of these dependencies',
  };
}

/** For each application in a circle the way from it back to itself, without it at the start. */
function circlesOf(applications: readonly Depending[]): ReadonlyMap<string, readonly string[]> {
  const forwards = new Map(applications.map(({ name, dependsOn }) => [name, new Set(dependsOn)] as const));
  const left = withoutEnds(withoutEnds(forwards));
  const circles = new Map<string, readonly string[]>();
  for (const name of left.keys()) {
    const way = circles.size < mostTold ? wayBack(name, left) : [...(left.get(name) ?? [])].slice(0, 1);
    if (way) circles.set(name, way);
  }
  return circles;
}

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

/** Edges turned round, without those from or to whatever leads nowhere: two times give what is in circles, or between them. */
function withoutEnds(edges: Edges): Edges {
  const turned = new Map([...edges.keys()].map((name) => [name, new Set<string>()] as const));
  const open = new Map<string, number>();
  for (const [name, others] of edges) {
    const inside = [...others].filter((other) => edges.has(other));
    open.set(name, inside.length);
    for (const other of inside) turned.get(other)?.add(name);
  }
  const ends = [...open].flatMap(([name, count]) => (count === 0 ? [name] : []));
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    for (const before of turned.get(end) ?? []) {
      const count = (open.get(before) ?? 0) - 1;
      open.set(before, count);
      if (count === 0) ends.push(before);
    }
    turned.delete(end);
  }
  return turned;
}

/** The shortest way from an application back to itself. */
function wayBack(start: string, edges: Edges): string[] | undefined {
  const from = new Map<string, string>();
  const open = [start];
  // The list grows while it is gone through.
  for (const name of open) {
    for (const other of edges.get(name) ?? []) {
      if (other === start) return wayTo(name, start, from);
      if (from.has(other)) continue;
      from.set(other, name);
      open.push(other);
    }
  }
  return undefined;
}

function wayTo(last: string, start: string, from: ReadonlyMap<string, string>): string[] {
  const way = [start];
  for (let name: string | undefined = last; name !== undefined && name !== start; name = from.get(name))
    way.unshift(name);
  return way;
}
