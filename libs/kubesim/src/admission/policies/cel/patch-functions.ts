import type { Environment } from '@marcbachmann/cel-js';

class JsonpatchNamespace {}

/** What mutations may call besides: `jsonpatch.escapeKey('a/b')`. */
export function registerPatches(environment: Environment): void {
  environment.registerType('JsonpatchNamespace', { ctor: JsonpatchNamespace });
  environment.registerConstant('jsonpatch', 'JsonpatchNamespace', new JsonpatchNamespace());
  environment.registerFunction('JsonpatchNamespace.escapeKey(string): string', (_: unknown, key: string) =>
    key.replaceAll('~', '~0').replaceAll('/', '~1'),
  );
}
