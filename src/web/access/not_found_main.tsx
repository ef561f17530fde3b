import { startPage } from '../shared/start_page';
import { NotFoundPage } from './not_found_page';

void startPage({ en: () => import('locale:access/en'), ja: () => import('locale:access/ja') }, NotFoundPage);
