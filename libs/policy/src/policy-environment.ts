import type { Environment } from '@marcbachmann/cel-js';
import { celEnvironment, LazyVariables } from '@meridian/cel';
import type { Application, Cluster, Policy } from '@meridian/fleet';
import { containersIn, podSpecsIn } from './pod-specs.ts';

/** A cluster as expressions see it. */
class SeenCluster extends Map<string, unknown> {}
/** An application as expressions see it. */
class SeenApplication extends Map<string, unknown> {}

/** What expressions see of where objects go. */
export function seenPlace(application: Application, cluster: Cluster) {
  return {
    cluster: new SeenCluster([
      ['name', cluster.name],
      ['labels', new Map(Object.entries(cluster.labels))],
    ]),
    application: new SeenApplication([
      ['name', application.name],
      ['labels', new Map(Object.entries(application.labels))],
      ['namespace', application.namespace],
    ]),
  };
}

/** Names of variables that tell where objects go: what an expression comes to depends on that, if it uses one of them. */
export const placeNames: ReadonlySet<string> = new Set(['cluster', 'application']);

const bases = new Map<Policy['scope'], Environment>();

/** What expressions of a policy may use; `variables` are the types of the policy's own, by name. */
export function policyEnvironment(
  scope: Policy['scope'],
  variables: ReadonlyMap<string, string>,
): Environment {
  const base = bases.get(scope) ?? makeBase(scope);
  bases.set(scope, base);
  const own = base.clone();
  own.registerType('meridian.Variables', { ctor: LazyVariables, fields: Object.fromEntries(variables) });
  own.registerVariable('variables', 'meridian.Variables');
  return own;
}

function makeBase(scope: Policy['scope']): Environment {
  const made = celEnvironment();
  const labels = 'map<string, string>';
  made.registerType('meridian.Cluster', { ctor: SeenCluster, fields: { name: 'string', labels } });
  made.registerType('meridian.Application', {
    ctor: SeenApplication,
    fields: { name: 'string', labels, namespace: 'string' },
  });
  made
    .registerVariable('cluster', 'meridian.Cluster')
    .registerVariable('application', 'meridian.Application');
  made.registerVariable('params', 'dyn');
  if (scope === 'object') made.registerVariable('object', 'dyn');
  else made.registerVariable('objects', 'list<dyn>');
  made.registerFunction('podSpecs(dyn): list<dyn>', podSpecsIn);
  made.registerFunction('containers(dyn): list<dyn>', containersIn);
  return made;
}
