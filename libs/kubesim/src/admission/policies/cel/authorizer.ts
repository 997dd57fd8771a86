import type { Environment } from '@marcbachmann/cel-js';

/** Who is asked whether somebody may do something. Whoever is known may do everything here, so it is the same for all. */
export class Authorizer {
  readonly requestResource = new ResourceCheck();
}

class PathCheck {}
class GroupCheck {}
class ResourceCheck {}
class Decision {}

const prefix = 'kubernetes.authorization';

/** Makes `authorizer` known: `authorizer.group('apps').resource('deployments').check('create').allowed()`. */
export function registerAuthorizer(environment: Environment): void {
  environment.registerType(`${prefix}.PathCheck`, { ctor: PathCheck });
  environment.registerType(`${prefix}.GroupCheck`, { ctor: GroupCheck });
  environment.registerType(`${prefix}.ResourceCheck`, { ctor: ResourceCheck });
  environment.registerType(`${prefix}.Decision`, { ctor: Decision });
  environment.registerType(`${prefix}.Authorizer`, {
    ctor: Authorizer,
    fields: { requestResource: `${prefix}.ResourceCheck` },
  });
  const register = (signature: string, answer: () => unknown) =>
    environment.registerFunction(`${prefix}.${signature}`, answer);
  register(`Authorizer.path(string): ${prefix}.PathCheck`, () => new PathCheck());
  register(`Authorizer.group(string): ${prefix}.GroupCheck`, () => new GroupCheck());
  register(`Authorizer.serviceAccount(string, string): ${prefix}.Authorizer`, () => new Authorizer());
  register(`GroupCheck.resource(string): ${prefix}.ResourceCheck`, () => new ResourceCheck());
  for (const part of ['subresource', 'namespace', 'name', 'fieldSelector', 'labelSelector']) {
    register(`ResourceCheck.${part}(string): ${prefix}.ResourceCheck`, () => new ResourceCheck());
  }
  register(`PathCheck.check(string): ${prefix}.Decision`, () => new Decision());
  register(`ResourceCheck.check(string): ${prefix}.Decision`, () => new Decision());
  register('Decision.allowed(): bool', () => true);
  register('Decision.errored(): bool', () => false);
  register('Decision.error(): string', () => '');
  register('Decision.reason(): string', () => '');
}

/** The type of `authorizer`. */
export const authorizerType = `${prefix}.Authorizer`;
