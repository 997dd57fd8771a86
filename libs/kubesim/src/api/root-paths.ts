import { customGroups } from '../definitions/custom-groups.ts';
import { definitionsResource } from '../definitions/names.ts';
import type { Exchange } from './exchange.ts';
import { healthChecks } from './health.ts';
import type { ServerState } from './server-state.ts';

const healthPaths = [...healthChecks].flatMap(([path, checks]) => pathsOf(path, checks));

const otherPaths = [
  '/.well-known/openid-configuration',
  '/apis/',
  '/flagz',
  '/metrics',
  '/metrics/slis',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/',
  '/openid/v1/jwks',
  '/statusz',
  '/version',
];

/** Answers the server's root with the paths that there are. @returns whether it was asked for. */
export function answerRoot(state: ServerState, exchange: Exchange): boolean {
  if (exchange.path !== '/' && exchange.path !== '/index.html') return false;
  exchange.answerJson({ paths: rootPaths(state) });
  return true;
}

function rootPaths({ registry, store }: ServerState): string[] {
  const custom = customGroups(store.list(definitionsResource)).flatMap(({ name, versions }) =>
    pathsOf(
      `/apis/${name}`,
      versions.map((version) => version.name),
    ),
  );
  const paths = [...Object.keys(registry.catalog.discovery), ...custom, ...healthPaths, ...otherPaths];
  return [...new Set(paths)].sort();
}

function pathsOf(path: string, below: readonly string[]): string[] {
  return [path, ...below.map((name) => `${path}/${name}`)];
}
