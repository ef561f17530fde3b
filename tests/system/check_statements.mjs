// Learning Locker's own validation of xAPI statements, for the tests: a line of JSON in (an array of statements), a line out
// (an array, for each statement what is wrong with it).
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { default: validate } = createRequire(import.meta.url)('@learninglocker/xapi-validation');

for await (const line of createInterface({ input: process.stdin })) {
    const found = JSON.parse(line).map((statement) =>
        validate(statement).map((warning) => `${warning.name} at ${warning.path.join('.')}: ${JSON.stringify(warning.data)}`),
    );
    console.log(JSON.stringify(found));
}
