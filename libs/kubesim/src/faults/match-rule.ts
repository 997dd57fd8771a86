import type { FaultMatch } from './fault-rule.ts';

/** A request as rules see it. */
export interface FaultRequest {
  /** As RBAC names it. */
  readonly verb: string;
  /** `deployments.apps`; empty for a request that is about no resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  readonly userAgent: string;
}

/** Whether a rule is about a request. A list of its match that is not there lets all through. */
export function isMatched(match: FaultMatch, request: FaultRequest): boolean {
  const { verbs, namespaces, names, users, userAgents, resources } = match;
  return (
    has(verbs, request.verb) &&
    has(namespaces, request.namespace) &&
    has(names, request.name) &&
    has(users, request.user) &&
    (userAgents === undefined || userAgents.some((start) => request.userAgent.startsWith(start))) &&
    (resources === undefined || resources.some((named) => isResource(named, request)))
  );
}

function has(items: readonly string[] | undefined, item: string): boolean {
  return items === undefined || items.includes('*') || items.includes(item);
}

function isResource(named: string, { resource, subresource }: FaultRequest): boolean {
  if (resource === '') return false;
  const [main = '', sub = ''] = named.split('/', 2);
  return ['*', resource].includes(main) && ['*', subresource].includes(sub);
}
