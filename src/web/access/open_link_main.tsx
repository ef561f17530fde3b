import { startPage } from '../shared/start_page';
import { OpenLinkPage } from './open_link_page';

void startPage({ en: () => import('locale:access/en'), ja: () => import('locale:access/ja') }, OpenLinkPage);
