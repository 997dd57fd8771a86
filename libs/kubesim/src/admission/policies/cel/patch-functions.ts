import type { Environment } from '@marcbachmann/cel-js';

class PatchNamespace {}

/** What mutations may call besides: `jsonpatch.escapeKey('a/b')`. */
export function registerPatches(environment: Environment): void {
  environment.registerType('PatchNamespace', { ctor: PatchNamespace });
  environment.registerConstant('jsonpatch', 'PatchNamespace', new PatchNamespace());
  environment.registerFunction('PatchNamespace.escapeKey(string): string', (_: unknown, key: string) =>
    key.replaceAll('~', '~0').replaceAll('/', '~1'),
  );
}
