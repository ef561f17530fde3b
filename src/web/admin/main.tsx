import { startPage } from '../shared/start_page';
import { AdminPage } from './admin_page';

void startPage({ en: () => import('locale:admin/en'), ja: () => import('locale:admin/ja') }, AdminPage);
