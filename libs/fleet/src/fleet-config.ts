import { isJsonObject, parseYaml, type Json, type YamlDocument } from '@meridian/manifests';
import { strategyProblem, uncertainty } from './application-problems.ts';
import { declarationOf, type Declaration } from './declaration.ts';
import { wrongDependencies } from './dependency-problems.ts';
import { kindIn, nameIn, takenFor } from './document-kind.ts';
import type { FleetConfig } from './documents.ts';
import type { Problem } from './fleet-api.ts';
import { toApplication, toCluster, toStrategy } from './from-document.ts';
import { helmIssues } from './helm-schema.ts';
import {
  duplicate,
  placeOf,
  placeText,
  problemAt,
  withoutDuplicates,
  type Located,
} from './located-document.ts';
import { toHealthRule, type HealthRuleCheck } from './health-rule.ts';
import { tooManyRules, toSelectingRule, withHealthRules, type SelectingRule } from './health-rules-for.ts';
import { overrideIssues } from './override-schema.ts';
import { toPolicy, type Policy } from './policy.ts';
import { freezingPolicy, selectedBy, type BrokenPolicy } from './broken-policy.ts';
import { schemaIssues, stageIssues, type SchemaIssue } from './schema-issue.ts';
import {
  fleetApiVersion,
  fleetSchemas,
  type ApplicationDocument,
  type ClusterDocument,
  type FleetKind,
  type HealthRuleDocument,
  type PolicyDocument,
  type StrategyDocument,
} from './schema.ts';

/** A file of the fleet repo. */
export interface FleetFile {
  readonly path: string;
  readonly text: string;
}

/** Whatever could be read of the fleet configuration, and everything that could not. */
export interface ParsedFleetConfig {
  /** Whole documents only; an application that anything in it or under it is wrong with is not in here. */
  readonly config: FleetConfig;
  /** With `application` set the problem freezes that application; without, every one known earlier from `file`. */
  readonly problems: readonly Problem[];
  /** File that declares an application, also of the frozen ones whose name is readable. */
  readonly origins: { readonly [application: string]: string };
  /** Where each whole application is declared, for errors that are found later. */
  readonly declarations: ReadonlyMap<string, Declaration>;
  /**
   * True when a problem may hide documents. What is missing from `config` may then still be wanted: withdraw no
   * application from any cluster.
   */
  readonly incomplete: boolean;
}

/** What is wrong with the expressions of a policy, which takes more than a schema to tell. */
export type PolicyCheck = (policy: Policy) => readonly SchemaIssue[];

interface Reading {
  readonly problems: Problem[];
  readonly origins: Map<string, string>;
  readonly clusters: Located<ClusterDocument>[];
  readonly applications: Located<ApplicationDocument>[];
  readonly strategies: Located<StrategyDocument>[];
  readonly policies: Located<PolicyDocument>[];
  readonly policyCheck: PolicyCheck;
  readonly brokenPolicies: BrokenPolicy[];
  readonly healthRules: Located<HealthRuleDocument>[];
  readonly healthCheck: HealthRuleCheck;
  /** Names of strategies that were written but cannot be used, with the place of the mistake. */
  readonly brokenStrategies: Map<string, string>;
  /** Why the set of clusters is not known; every application is frozen then, because its placement is not known. */
  clustersUnknown: Problem | undefined;
  incomplete: boolean;
}

/**
 * Parses the files of a fleet configuration directory; files that are not `.yaml`, `.yml` or `.json` are passed over.
 * A mistake freezes what it names: an application; the applications that use a broken strategy; all applications
 * when a cluster is broken, because no placement is certain then; the applications that a broken policy or health rule selects.
 * Good documents are kept.
 */
export function parseFleetConfig(
  files: readonly FleetFile[],
  policyCheck: PolicyCheck = () => [],
  healthCheck: HealthRuleCheck = () => [],
): ParsedFleetConfig {
  const reading: Reading = {
    problems: [],
    origins: new Map(),
    clusters: [],
    applications: [],
    strategies: [],
    policies: [],
    policyCheck,
    brokenPolicies: [],
    healthRules: [],
    healthCheck,
    brokenStrategies: new Map(),
    clustersUnknown: undefined,
    incomplete: false,
  };
  const sorted = [...files].sort((left, right) => (left.path < right.path ? -1 : 1));
  for (const file of sorted) if (/\.(?:ya?ml|json)$/.test(file.path)) readFile(file, reading);
  const clusters = withoutDuplicates(reading.clusters, (copy, first) => {
    breakClusters(reading, problemAt(copy, ['metadata', 'name'], duplicate('cluster', copy, first)));
  });
  const strategies = withoutDuplicates(reading.strategies, (copy, first) => {
    reading.problems.push(problemAt(copy, ['metadata', 'name'], duplicate('strategy', copy, first)));
    reading.brokenStrategies.set(copy.name, placeOf(copy));
  });
  const policies = singleOf('policy', reading.policies, reading);
  const healthRules = singleOf('health rule', reading.healthRules, reading).map(({ document }) =>
    toSelectingRule(document),
  );
  const usable = new Set(
    strategies.map(({ name }) => name).filter((name) => !reading.brokenStrategies.has(name)),
  );
  const applications = soundApplications(reading, { usable, healthRules });
  return {
    config: {
      clusters: clusters.map(({ document }) => toCluster(document)),
      applications: applications.map(({ document }) => withHealthRules(toApplication(document), healthRules)),
      strategies: strategies
        .filter(({ name }) => usable.has(name))
        .map(({ document }) => toStrategy(document)),
      policies: policies.map((policy) => toPolicy(policy.document, policy.file)),
    },
    problems: reading.problems,
    origins: Object.fromEntries(reading.origins),
    declarations: new Map(
      applications.map(({ name, file, lineOf }) => [name, declarationOf(file, lineOf)] as const),
    ),
    incomplete: reading.incomplete,
  };
}

function readFile(file: FleetFile, reading: Reading): void {
  const parsed = parseYaml(file.text, file.path);
  if ('errors' in parsed) {
    reading.problems.push(...parsed.errors);
    reading.incomplete = true;
    const first = parsed.errors[0];
    if (first && mayHoldClusters(file.text)) reading.clustersUnknown ??= first;
    return;
  }
  for (const document of parsed.documents)
    if (document.value !== null) readDocument(document, file.path, reading);
}

/** An unreadable text that says it is something else than a Cluster cannot hide one; any other may. */
function mayHoldClusters(text: string): boolean {
  const kinds = [...text.matchAll(/["']?\bkind["']?\s*:\s*["']?(\w*)/g)].map(([, kind]) => kind ?? '');
  return kinds.length === 0 || kinds.some((kind) => kind !== 'Application' && kind !== 'RolloutStrategy');
}

function readDocument({ value, lineOf }: YamlDocument, file: string, reading: Reading): void {
  const name = nameIn(value);
  const place = { document: value, name: name ?? '', file, lineOf };
  const kind = kindIn(value);
  if (kind?.kind === 'Application') noteOrigin(name, file, reading);
  if (kind === undefined || kind.misspelled) {
    reading.incomplete = true;
    refuseKind(place, kind?.kind, reading);
    return;
  }
  const issues = [
    ...schemaIssues(fleetSchemas[kind.kind], value),
    ...stageIssues(kind.kind, value),
    ...helmIssues(kind.kind, value),
    ...overrideIssues(kind.kind, value),
  ];
  if (issues.length === 0 && name !== undefined) keepDocument(kind.kind, place, reading);
  else breakWith(issues, kind.kind, place, reading);
}

function noteOrigin(name: string | undefined, file: string, reading: Reading): void {
  if (name !== undefined && !reading.origins.has(name)) reading.origins.set(name, file);
}

/** Call it only for a value that the schema of its kind has accepted. */
function keepDocument(kind: FleetKind, place: Located<Json>, reading: Reading): void {
  const proven = { ...place, document: place.document as never };
  switch (kind) {
    case 'Cluster':
      reading.clusters.push(proven);
      break;
    case 'Application':
      reading.applications.push(proven);
      break;
    case 'RolloutStrategy':
      reading.strategies.push(proven);
      break;
    case 'Policy':
      keepPolicy(proven, reading);
      break;
    case 'HealthRule':
      keepHealthRule(proven, reading);
  }
}

/** Expressions are read as soon as the rest of the document is sound. */
function keepPolicy(place: Located<PolicyDocument>, reading: Reading): void {
  const issues = reading.policyCheck(toPolicy(place.document, place.file));
  if (issues.length === 0) reading.policies.push(place);
  else breakWith(issues, 'Policy', place, reading);
}

function keepHealthRule(place: Located<HealthRuleDocument>, reading: Reading): void {
  const issues = reading.healthCheck(toHealthRule(place.document));
  if (issues.length === 0) reading.healthRules.push(place);
  else breakWith(issues, 'HealthRule', place, reading);
}

function breakWith(
  issues: readonly SchemaIssue[],
  kind: FleetKind,
  place: Located<unknown>,
  reading: Reading,
): void {
  const problems = issues.map((issue) => problemAt(place, issue.path, issue));
  breakDocument(kind, place, problems, reading);
}

/** Of two documents of one name neither is certain, nor what is held to them or judged by them. */
function singleOf<Document>(
  what: string,
  found: readonly Located<Document>[],
  reading: Reading,
): readonly Located<Document>[] {
  return withoutDuplicates(found, (copy, first) => {
    const problem = problemAt(copy, ['metadata', 'name'], duplicate(what, copy, first));
    reading.problems.push(problem);
    for (const { document } of [copy, first])
      reading.brokenPolicies.push({ problem, applications: selectedBy(document) });
  });
}

function refuseKind(place: Located<Json>, meant: FleetKind | undefined, reading: Reading): void {
  const written = isJsonObject(place.document) ? place.document['kind'] : undefined;
  const known = Object.keys(fleetSchemas).join(', ');
  const problem = problemAt(place, written === undefined ? [] : ['kind'], {
    message:
      typeof written === 'string'
        ? `${JSON.stringify(written.slice(0, 80))} is no kind of ${fleetApiVersion}`
        : 'the document has no kind',
    fix: meant
      ? `did you mean ${meant}?`
      : `use one of ${known}, or move the file out of the fleet directory`,
  });
  breakDocument(meant ?? takenFor(written), place, [problem], reading);
}

function breakDocument(
  kind: FleetKind,
  { name: named, document }: Located<unknown>,
  problems: readonly Problem[],
  reading: Reading,
): void {
  const name = named === '' ? undefined : named;
  if (name === undefined) reading.incomplete = true;
  if (kind === 'Cluster') {
    for (const problem of problems) breakClusters(reading, problem);
    return;
  }
  const frozen = kind === 'Application' && name !== undefined ? { application: name } : {};
  reading.problems.push(...problems.map((problem) => ({ ...problem, ...frozen })));
  noteBroken(kind, { name: named, document }, problems[0], reading);
}

/** Notes what leads to other documents: whatever refers to a broken strategy or is under a broken policy is frozen. */
function noteBroken(
  kind: FleetKind,
  { name, document }: Pick<Located<unknown>, 'name' | 'document'>,
  problem: Problem | undefined,
  reading: Reading,
): void {
  if (!problem) return;
  if (kind === 'RolloutStrategy' && name !== '')
    reading.brokenStrategies.set(name, `${problem.file}:${problem.line ?? 1}`);
  if (kind === 'Policy' || kind === 'HealthRule')
    reading.brokenPolicies.push({ problem, applications: selectedBy(document) });
}

function breakClusters(reading: Reading, problem: Problem): void {
  reading.problems.push(problem);
  reading.clustersUnknown ??= problem;
  reading.incomplete = true;
}

interface Declared {
  /** Strategies that applications may use. */
  readonly usable: ReadonlySet<string>;
  readonly healthRules: readonly SelectingRule[];
}

function soundApplications(
  reading: Reading,
  { usable, healthRules }: Declared,
): Located<ApplicationDocument>[] {
  const refuse = (
    at: Located<ApplicationDocument>,
    path: readonly (string | number)[],
    said: { readonly message: string; readonly fix: string },
  ): void => {
    reading.problems.push({ ...problemAt(at, path, said), application: at.name });
  };
  const single = withoutDuplicates(reading.applications, (copy, first) => {
    refuse(copy, ['metadata', 'name'], duplicate('application', copy, first));
  });
  for (const [application, problems] of wrongDependencies(single, reading.origins))
    for (const problem of problems) refuse(application, problem.path, problem);
  const broken = new Set(reading.problems.map(({ application }) => application));
  return single.filter((application) => {
    if (broken.has(application.name)) return false;
    const strategy = application.document.spec.rolloutStrategy;
    const unknown = reading.clustersUnknown;
    if (!usable.has(strategy))
      refuse(
        application,
        ['spec', 'rolloutStrategy'],
        strategyProblem(strategy, { usable, broken: reading.brokenStrategies }),
      );
    else if (unknown) {
      const message = `the placement of ${application.name} is not certain while ${placeText(unknown)} is broken`;
      refuse(application, ['spec', 'placement'], { message, fix: `mend ${placeText(unknown)}` });
    } else {
      const { labels = {} } = application.document.metadata;
      const uncertain = uncertainty(application.name, freezingPolicy(reading.brokenPolicies, labels));
      const wrong = uncertain ?? tooManyRules(healthRules, labels);
      if (!wrong) return true;
      refuse(application, ['metadata', 'labels'], wrong);
    }
    return false;
  });
}
