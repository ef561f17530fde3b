import { startPage } from '../../shared/start_page';
import { PlayerPage } from './player_page';

void startPage({ en: () => import('locale:player/en'), ja: () => import('locale:player/ja') }, PlayerPage);
