/* A proof's pages: each names the next, and the last names none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPage } from '../shared/proof';

test('the next page is where the answer says', () => {
    const path = '/api/v1/me/evidence';
    assert.equal(nextPage('<?size=1200&after=417>; rel="next"', path), `${path}?size=1200&after=417`);
    assert.equal(nextPage(null, path), null);
    assert.equal(nextPage('<https://elsewhere.example/?size=1>; rel="next"', path), null);
});
